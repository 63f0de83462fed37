/** Follows the public log from outside, through every death of Redis: the judge needs all of it, and the log is bounded. */
import { setTimeout as sleep } from 'node:timers/promises'
import { logEntries, withRedis, type LogEntry } from './redis-eye.ts'

const LOOK_EVERY_MS = 200
const LOOK_MAX_MS = 1000

export interface HeardEntry extends LogEntry {
  /** performance.now() when it was seen. */
  readonly atMs: number
}

export function followLog(socket: string): { stop(): Promise<readonly HeardEntry[]> } {
  const heard: HeardEntry[] = []
  let stopped = false
  const look = async () => {
    // Not at the same time as another look: an entry would be heard twice.
    const entries = await withRedis(socket, (client) => logEntries(client, heard.at(-1)?.id))
    const atMs = performance.now()
    heard.push(...entries.map((entry) => ({ ...entry, atMs })))
  }
  const run = async () => {
    for (;;) {
      const last = stopped
      const looked = look().catch(() => {})
      // A frozen Redis holds the look; it is waited for, so that none overlap.
      await Promise.race([looked, sleep(LOOK_MAX_MS)])
      await looked
      if (last) return
      await sleep(LOOK_EVERY_MS)
    }
  }
  const running = run()
  return {
    async stop() {
      stopped = true
      await running
      return heard
    },
  }
}
