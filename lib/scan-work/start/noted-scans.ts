/**
 * What is noted of scans of which every run has been seen to, so that the next pass need not ask for them again. It spares
 * requests and decides nothing: what is lost of it, or dropped wrongly, costs a look.
 *
 *   N1. No more is noted than the scanner has scans: each pass drops what it lists no more.
 *   N2. No more of it is read at a time than {@link READ_MAX} scans, but for their ids, once in a pass.
 */
import type { Write } from '../../bus/transaction.ts'
import type { Services } from '../../runtime/services.ts'
import type { ServerFacts } from '../../scanners/scan-state.ts'
import type { ScannerScan } from '../../scanners/scanner.ts'

const READ_MAX = 500
/** Of a scanner that nobody takes in from any more it goes by itself. */
const KEPT_MS = 90 * 86_400_000
/** What one pass drops at most. */
const DROPPED_MAX = 1000

type Store = Pick<Services, 'keyspace' | 'scanKeys'>

/** Where it is noted: by installation and entry, since another account may be shown other scans. */
export function notesKey(entry: string, server: ServerFacts, { scanKeys }: Pick<Store, 'scanKeys'>): string {
  return scanKeys.takenScans(`${server.serverUuid ?? ''}:${entry}`.toLowerCase())
}

/** Each scan with whether it is as it was when all of it had been seen to. */
export async function* withNotes(
  scans: readonly ScannerScan[],
  key: string,
  { keyspace }: Pick<Store, 'keyspace'>,
): AsyncGenerator<{ scan: ScannerScan; isUnchanged: boolean }> {
  for (let from = 0; from < scans.length; from += READ_MAX) {
    const some = scans.slice(from, from + READ_MAX)
    const ids = some.map(({ id }) => String(id))
    const noted = await keyspace.fields(key, ids)
    for (const [n, scan] of some.entries()) yield { scan, isUnchanged: noted[n] === markOf(scan) }
  }
}

export function noteWrites(scan: ScannerScan, key: string): Write[] {
  return [
    ['HSET', key, String(scan.id), markOf(scan)],
    ['PEXPIRE', key, String(KEPT_MS)],
  ]
}

/** Drops what is noted of scans that the scanner lists no more. */
export async function dropWrites(
  listed: readonly ScannerScan[],
  key: string,
  { keyspace }: Pick<Store, 'keyspace'>,
): Promise<Write[]> {
  const ids = new Set(listed.map(({ id }) => String(id)))
  const gone = (await keyspace.fieldNames(key)).filter((id) => !ids.has(id)).slice(0, DROPPED_MAX)
  return gone.length > 0 ? [['HDEL', key, ...gone]] : []
}

/** By which a scan is known to have had no run since. */
function markOf({ runUuid, status, lastModifiedAt }: ScannerScan): string {
  return `${runUuid ?? ''} ${status} ${lastModifiedAt ?? ''}`
}
