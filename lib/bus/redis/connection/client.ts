/** The Redis client, with those of its defaults turned off that {@link Connection} must see to itself. */
import { createClient } from 'redis'

const QUEUE_LENGTH_MAX = 10_000

/** The client's own timeout covers only the time before a command is written, and halves the throughput. */
const NO_TIMEOUT: object = { timeout: undefined }

/** A client for one server: `redis:`, `rediss:` or `unix:`. Not connected yet; it never reconnects by itself. */
export function makeClient(url: string, connectTimeoutMs: number) {
  const path = url.startsWith('unix:') ? url.replace(/^unix:(\/\/)?/, '') : undefined
  const socket = { connectTimeout: connectTimeoutMs, keepAliveInitialDelay: 5000, reconnectStrategy: false as const }
  return createClient({
    ...(path === undefined ? { url, socket } : { socket: { ...socket, path, tls: false } }),
    RESP: 2,
    commandOptions: NO_TIMEOUT,
    commandsQueueMaxLength: QUEUE_LENGTH_MAX,
    maintNotifications: 'disabled',
  })
}
export type RedisClient = ReturnType<typeof makeClient>

export function destroy(client: RedisClient): void {
  // `destroy` throws on a client that is closed already, which is what we want it to be.
  if (client.isOpen) client.destroy()
}
