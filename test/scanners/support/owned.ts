import { findOwn, type OwnScan } from '../../../lib/scanners/own-scan.ts'

/** Leave to write to scan `id`, as a look at a scan of ours gives it. */
export async function owned(id: number): Promise<OwnScan> {
  const idle = { phase: 'idle', status: 'empty', hosts: 0, runs: [] } as const
  const reader = { state: async () => idle, serverUuid: async () => undefined }
  const found = await findOwn(reader, { scanner: 'lan/one', id, marker: 'marker' })
  if (found.is !== 'ours') throw new Error('expected a scan of ours')
  return found.scan
}
