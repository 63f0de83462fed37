/** Looks into Redis from outside, with a client of its own: what the system under test left there. */
import { createClient } from 'redis'

const PREFIX = '{nessus}'
const SCAN_COUNT = 1000

export interface StoredScan {
  readonly task_id: string
  readonly revision: number
  readonly status: string
  readonly step: string
  readonly name: string
  readonly scanner_pool: string
  readonly scanner_instance?: string
  readonly scanner_scan_id?: number
  readonly run_history_id?: number
  readonly failure?: { readonly step: string; readonly message: string; readonly dead_letter?: string }
  readonly results_summary?: { readonly hosts_scanned?: number }
  readonly native?: { readonly size_bytes: number; readonly sha256: string }
  readonly stopping?: { readonly as: string; readonly reason: string }
}

export interface LogEntry {
  readonly id: string
  readonly task: string
  readonly revision: number
  readonly status: string
  readonly step: string
}

function connectTo(socket: string) {
  const client = createClient({ socket: { path: socket, tls: false, reconnectStrategy: false }, RESP: 2 })
  client.on('error', () => {})
  return client.connect()
}
export type EyeClient = Awaited<ReturnType<typeof connectTo>>

/** Runs `look` on a new connection. */
export async function withRedis<T>(socket: string, look: (client: EyeClient) => Promise<T>): Promise<T> {
  const client = await connectTo(socket)
  try {
    return await look(client)
  } finally {
    client.destroy()
  }
}

export async function allKeys(client: EyeClient): Promise<string[]> {
  const keys: string[] = []
  for await (const batch of client.scanIterator({ COUNT: SCAN_COUNT })) keys.push(...batch)
  return keys.toSorted()
}

/** Every scan record, with what the hash says beside the body. */
export async function storedScans(client: EyeClient): Promise<StoredScan[]> {
  const keys = (await allKeys(client)).filter((key) => key.startsWith(`${PREFIX}:scan:`))
  const bodies = await Promise.all(keys.map((key) => client.hGet(key, 'body')))
  return bodies.map((body) => JSON.parse(body ?? 'null') as StoredScan)
}

export async function logEntries(client: EyeClient, after = '-'): Promise<LogEntry[]> {
  const rows = await client.xRange(`${PREFIX}:log`, after === '-' ? '-' : `(${after}`, '+')
  return (rows ?? []).map(({ id, message }) => ({
    id,
    task: message['task'] ?? '',
    revision: Number(message['revision']),
    status: message['status'] ?? '',
    step: message['step'] ?? '',
  }))
}

/** Entries waiting in the inboxes, leased or not, by function. */
export async function inboxDepths(client: EyeClient): Promise<Record<string, number>> {
  const inboxes = (await allKeys(client)).filter((key) => key.startsWith(`${PREFIX}:in:`))
  const rows = await Promise.all(
    inboxes.map(async (key) => {
      const pending = await client.xPending(key, 'workers').then(
        (held) => held.pending,
        () => 0,
      )
      return [key.slice(`${PREFIX}:in:`.length), Math.max(await client.xLen(key), pending)] as const
    }),
  )
  return Object.fromEntries(rows.filter(([, depth]) => depth > 0))
}

/** What is due later, as `<event>@<function>`. */
export function delayed(client: EyeClient): Promise<string[]> {
  return client.zRange(`${PREFIX}:delayed`, 0, -1)
}

export async function slotHolders(client: EyeClient): Promise<string[]> {
  const keys = (await allKeys(client)).filter((key) => key.startsWith(`${PREFIX}:slots:`))
  return (await Promise.all(keys.map((key) => client.sMembers(key)))).flat()
}
