/** Workers killed at random moments under a full load: what a power cut, an OOM killer or a careless operator does. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'
import { submit } from '../support/http-tools.ts'
import { entryFor, openTestLab, type Lab } from '../support/lab.ts'
import type { Program } from '../support/processes.ts'
import { readCounts } from '../support/simulator-judge.ts'
import { judge } from './judge.ts'
import { delayed, inboxDepths, logEntries, slotHolders, storedScans, withRedis } from './redis-eye.ts'
import { chooseSeed, makeSeeded, type Seeded } from './seeded.ts'

/** A guard against a hang, not a limit: a machine with much else to do takes minutes. */
const ENDED_MAX_MS = 600_000
/** A busy machine takes long to start a worker: killed for ever, they would get nothing done. */
const KILLS_MAX = 15

interface Layout {
  readonly title: string
  /** All submitted at once. */
  readonly scans: number
  readonly scanSeconds: number
  /** Pool → slots of its one scanner. */
  readonly pools: Readonly<Record<string, number>>
}

const LAYOUTS: readonly Layout[] = [
  { title: 'one scanner with two slots', scans: 100, scanSeconds: 0.1, pools: { only: 2 } },
  { title: 'three pools', scans: 200, scanSeconds: 1, pools: { north: 4, east: 8, south: 6 } },
]

test.concurrent.for(LAYOUTS)(
  '$scans scans at once on $title end once each, though workers are killed all along',
  { timeout: ENDED_MAX_MS + 30_000 },
  async ({ scans: many, scanSeconds, pools }, { expect, onTestFinished }) => {
    const seed = chooseSeed()
    const seeded = makeSeeded(seed)
    const lab = openTestLab({ onTestFinished })
    const redis = await lab.redis()
    const entries = await Promise.all(
      Object.entries(pools).map(async ([pool, slots]) => {
        const simulator = await lab.simulator(pool, ['--scan-seconds', String(scanSeconds)])
        return { pool, simulator, entry: entryFor(simulator, pool, slots) }
      }),
    )
    await lab.scanners(Object.fromEntries(entries.map(({ pool, entry }) => [pool, [entry]])))
    const env = { REDIS_URL: redis.url, LEASE_SECONDS: '1', POLL_INTERVAL_SECONDS: '0.05' }
    const { url } = await lab.gateway('gateway', env)
    const workers = await startPair(lab, env)

    const startMs = performance.now()
    const names = Object.keys(pools)
    const taskIds = await Promise.all(
      Array.from({ length: many }, (_, n) =>
        submit(url, { targets: `192.0.2.${n % 250}`, name: `crash ${n}`, scanner_pool: names[n % names.length] }),
      ),
    )
    const kills = await killUntilEnded({ lab, env, workers, seeded, socket: redis.socket })
    const counts = await Promise.all(entries.map(({ simulator }) => readCounts(simulator.url)))
    await withRedis(redis.socket, async (client) => {
      const violations = await judge({
        client,
        counts,
        dataDir: join(lab.folder, 'data'),
        accepted: taskIds.map((taskId) => ({ taskId })),
        log: await logEntries(client),
        failuresAllowed: false,
      })
      console.log(
        `crash test, seed ${seed}: ${many} scans, ${kills} kills, ${Math.round(performance.now() - startMs)} ms`,
      )
      expect({ seed, violations }).toEqual({ seed, violations: [] })
      expect(await slotHolders(client)).toEqual([])
    })
    const scans = counts.flatMap((each) => each.scans)
    expect(scans).toHaveLength(many)
    expect(scans.filter(({ launches }) => launches !== 1)).toEqual([])
  },
)

async function startPair(lab: Lab, env: Record<string, string>): Promise<Program[]> {
  return Promise.all([lab.worker('worker-1', env), lab.worker('worker-2', env)])
}

interface Killing {
  readonly lab: Lab
  readonly env: Record<string, string>
  readonly workers: Program[]
  readonly seeded: Seeded
  readonly socket: string
}

/** Kills one of the workers after another and starts it again, until every scan has ended and nothing is under way. */
async function killUntilEnded({ lab, env, workers, seeded, socket }: Killing): Promise<number> {
  const endMs = performance.now() + ENDED_MAX_MS
  let kills = 0
  while (performance.now() < endMs) {
    await sleep(seeded.between(600, 3000))
    const open = await withRedis(socket, async (client) => {
      const scans = await storedScans(client)
      const unfinished = scans.filter(({ status }) => status === 'queued' || status === 'running').length
      if (unfinished > 0) return unfinished
      const due = (await delayed(client)).filter((member) => !member.endsWith('@clean-up'))
      return Object.keys(await inboxDepths(client)).length + due.length
    })
    if (open === 0) return kills
    if (kills === KILLS_MAX) continue
    const n = seeded.next() < 0.5 ? 0 : 1
    await workers[n]?.kill()
    kills += 1
    workers[n] = await lab.worker(`worker-${n + 1}`, env)
  }
  return kills
}
