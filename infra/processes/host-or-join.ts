/**
 * What a process that serves one desktop client stands on: Redis, a worker, and
 * the simulator where no scanner is configured. Several such processes, and an
 * `up`, may share a data directory; one of them hosts these for all.
 *
 *   H1. At most one hosts: who holds the lock on the folder of the private Redis.
 *   H2. A process that does not host looks whether one does; when none does any more, it takes the lock and hosts.
 *   H3. What was acknowledged is kept: the new host's Redis reads the same append-only file, on the same socket.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Running, Surroundings } from '../cli/commands/run-until-stopped.ts'
import { FolderInUse } from '../redis/ownership.ts'
import { isHosted, isReady } from '../redis/running-redis.ts'

const LOOK_MS = 500
/** A new host's Redis may have a long file to read. */
const JOIN_MAX_MS = 120_000
/** After a host's start failed here, so that a lasting cause does not keep the machine busy. */
const FAILED_PAUSE_MS = 5000

/** Starts everything a gateway stands on, the lock first, and pushes each part to `started`. */
export type StartHosting = (started: Running[]) => Promise<void>

/** Hosts, or joins who hosts; resolves once Redis takes commands. From then on it takes over when the host is gone. */
export async function hostOrJoin({ settings, log }: Surroundings, startHosting: StartHosting): Promise<Running> {
  const { dataDir } = settings
  const leaving = new AbortController()
  const hosted: Running[] = []
  let hosts = false
  const closeHosted = async () => {
    for (const part of hosted.splice(0).toReversed()) await part.close()
  }
  /** `false`: another process hosts. */
  const tryToHost = async () => {
    try {
      await startHosting(hosted)
      hosts = true
    } catch (error) {
      await closeHosted()
      if (!(error instanceof FolderInUse)) throw error
    }
    return hosts
  }
  const enter = async () => {
    const giveUpAt = Date.now() + JOIN_MAX_MS
    while (!(await tryToHost())) {
      if (await isReady(dataDir)) return log.info('joined the system that runs on this data directory', { dataDir })
      if (Date.now() > giveUpAt)
        throw new Error(`${dataDir}: another process starts a Redis there, and it does not get ready`)
      await sleep(LOOK_MS)
    }
  }
  const takeOver = async () => {
    while (!hosts && !leaving.signal.aborted) {
      await sleep(LOOK_MS, undefined, { signal: leaving.signal, ref: false }).catch(() => {})
      if (leaving.signal.aborted || (await isHosted(dataDir))) continue
      log.info('the process that hosted Redis and the worker is gone; this one takes over', { dataDir })
      try {
        await tryToHost()
      } catch (error) {
        log.error('this process could not take over; it tries again', { error })
        await sleep(FAILED_PAUSE_MS, undefined, { signal: leaving.signal, ref: false }).catch(() => {})
      }
    }
  }
  await enter()
  const watching = takeOver()
  return {
    reload: () => hosted.forEach((part) => part.reload?.()),
    async close() {
      leaving.abort()
      await watching
      await closeHosted()
    },
  }
}
