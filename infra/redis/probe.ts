/** Asks whatever listens on a Redis socket who it is, within a deadline: a frozen server must not freeze its starter. */
import { createClient } from 'redis'
import { parseInfo } from './version.ts'

export type ProbeResult =
  | { readonly state: 'ready' | 'loading'; readonly pid: number; readonly folder: string | undefined }
  /** Nobody listens. */
  | { readonly state: 'absent' }
  /** Somebody listens and does not answer in time. */
  | { readonly state: 'frozen' }

/** Never rejects; waits at most `timeoutMs`. */
export async function probeSocket(socket: string, timeoutMs: number): Promise<ProbeResult> {
  const client = createClient({ socket: { path: socket, reconnectStrategy: false, connectTimeout: timeoutMs } })
  // Errors reach us through the rejected calls; without a listener they would end the process.
  client.on('error', () => {})
  let timer: NodeJS.Timeout | undefined
  const frozen = new Promise<ProbeResult>((resolve) => {
    timer = setTimeout(() => resolve({ state: 'frozen' }), timeoutMs)
  })
  const asked = client.connect().then(async (): Promise<ProbeResult> => {
    const info = parseInfo(await client.info())
    const loading = info.get('loading') === '1'
    // CONFIG is refused while the server loads; the folder is then unknown.
    const folder = loading ? undefined : (await client.configGet('dir'))['dir']
    return { state: loading ? 'loading' : 'ready', pid: Number(info.get('process_id')), folder }
  })
  try {
    return await Promise.race([asked.catch((): ProbeResult => ({ state: 'absent' })), frozen])
  } finally {
    clearTimeout(timer)
    client.destroy()
  }
}
