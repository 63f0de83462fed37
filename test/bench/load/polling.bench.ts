/**
 * One worker that looks after many running scans on scanners of 100 slots: how
 * late its looks are, and what it costs. All scanners run in the bench's own process.
 *
 *   npm run build && npx vitest run --config vitest.bench.config.ts test/bench/load/polling
 *   RUNNING=10000 npx vitest run --config vitest.bench.config.ts test/bench/load/polling
 *
 * Late is what was due and is not settled yet: how long the oldest such look has
 * waited, seen several times a second, is the most that any look can be late.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { withRedis, type EyeClient } from '../../chaos/redis-eye.ts'
import { submit } from '../../support/http-tools.ts'
import { openTestLab } from '../../support/lab.ts'
import { startScanners } from './many-scanners.ts'
import { quantile, usageOf, watchCpu } from './process-eye.ts'

const RUNNING = Number(process.env['RUNNING'] ?? 10_000)
const POLL_INTERVAL_SECONDS = 30
/** A look is due after a fifth of the time since launch, until that is the interval. */
const YOUNG_MS = POLL_INTERVAL_SECONDS * 5 * 1000
const WATCHED_MS = Number(process.env['SECONDS'] ?? 90) * 1000
const LOOK_EVERY_MS = 250
const CALLERS = 16
const FULL_PATIENCE_MS = 480_000

test(`${RUNNING} running scans and one worker`, { timeout: 900_000 }, async ({ onTestFinished }) => {
  const lab = openTestLab({ onTestFinished })
  const redis = await lab.redis()
  const scanners = await startScanners(RUNNING, { scanSeconds: 100_000 })
  onTestFinished(() => scanners.close())
  await lab.scanners(scanners.pools)
  const pools = Object.keys(scanners.pools)
  const env = { REDIS_URL: redis.url, POLL_INTERVAL_SECONDS: String(POLL_INTERVAL_SECONDS), QUEUE_MAX: '1000000' }
  const { url } = await lab.gateway('gateway', env)
  const worker = await lab.worker('worker', env)

  const startMs = performance.now()
  let left = RUNNING
  const caller = async () => {
    while (left-- > 0)
      await submit(url, { targets: '192.0.2.1', name: `running ${left}`, scanner_pool: pools[left % pools.length] })
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  const submittedMs = performance.now() - startMs
  while (scanners.launches() < RUNNING && performance.now() - startMs < FULL_PATIENCE_MS) await sleep(1000)
  console.log(
    `${RUNNING} submitted in ${(submittedMs / 1000).toFixed(0)} s, all launched after ${((performance.now() - startMs) / 1000).toFixed(0)} s`,
  )
  expect(scanners.launches()).toBe(RUNNING)
  await sleep(YOUNG_MS)

  await withRedis(redis.socket, async (client) => {
    const [workerCpu, redisCpu] = [watchCpu(worker.pid), watchCpu(redis.pid)]
    const [requestsBefore, commandsBefore] = [scanners.requests(), await commands(client)]
    const begunMs = performance.now()
    const late: number[] = []
    while (performance.now() - begunMs < WATCHED_MS) {
      late.push(await lateMs(client))
      await sleep(LOOK_EVERY_MS)
    }
    const seconds = (performance.now() - begunMs) / 1000
    console.table([
      {
        'running scans': RUNNING,
        'looks/s': Number(((scanners.requests() - requestsBefore) / seconds).toFixed(0)),
        'late p50 ms': Math.round(quantile(late, 0.5)),
        'late p99 ms': Math.round(quantile(late, 0.99)),
        'late max ms': Math.round(quantile(late, 1)),
        'worker CPU %': Number(workerCpu().toFixed(0)),
        'worker MB': usageOf(worker.pid).residentMb,
        'Redis CPU %': Number(redisCpu().toFixed(0)),
        'Redis MB': usageOf(redis.pid).residentMb,
        'Redis commands/s': Number((((await commands(client)) - commandsBefore) / seconds).toFixed(0)),
      },
    ])
  })
})

/** How long ago the oldest look that is not settled was due. */
async function lateMs(client: EyeClient): Promise<number> {
  const [seconds, microseconds] = (await client.sendCommand(['TIME'])) as unknown as [string, string]
  const nowMs = Number(seconds) * 1000 + Number(microseconds) / 1000
  const [soonest] = await client.zRangeWithScores('{nessus}:delayed', 0, 0)
  const [oldest] = (await client.xRange('{nessus}:in:poll', '-', '+', { COUNT: 1 })) ?? []
  // An entry's id begins with the moment at which it was moved to the inbox; until then it lay in the delayed set.
  const inboxSince = oldest === undefined ? nowMs : Number(oldest.id.split('-')[0])
  return Math.max(0, nowMs - (soonest?.score ?? nowMs), nowMs - inboxSince)
}

async function commands(client: EyeClient): Promise<number> {
  return Number(/total_commands_processed:(\d+)/.exec(await client.info('stats'))?.[1])
}
