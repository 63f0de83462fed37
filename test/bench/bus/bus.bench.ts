/**
 * Our bus against BullMQ, on one private redis-server in one run, turn by turn.
 * Absolute rates vary widely from run to run and machine to machine: compare the ratios.
 *
 *   npx vitest run --config vitest.bench.config.ts test/bench/bus
 *   ROUNDS=5 JOBS=50000 npx vitest run --config vitest.bench.config.ts test/bench/bus
 *
 * Not measured: failures, retries, delays, big payloads, more than one worker.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRedis, type TestRedis } from '../../support/redis.ts'
import { makeBullContender } from './bullmq-contender.ts'
import type { Contender } from './contender.ts'
import { makeOurContender } from './redis-bus-contender.ts'

const ROUNDS = Number(process.env['ROUNDS'] ?? 3)
const JOBS = Number(process.env['JOBS'] ?? 20_000)
const ADDS = JOBS / 2
const LATENCIES = 200

let redis: TestRedis
let contenders: Contender[]
beforeAll(async () => {
  redis = await startRedis()
  contenders = [await makeOurContender(redis.url), await makeBullContender(redis.socket)]
})
afterAll(async () => {
  for (const contender of contenders) await contender.close()
  await redis.stop()
})

const perSecond = (count: number, ms: number) => (count / ms) * 1000
const quantile = (values: readonly number[], q: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * q)]!

interface Measure {
  readonly what: string
  readonly unit: '/s' | 'ms'
  readonly run: (contender: Contender) => Promise<number>
}

function draining(concurrency: number, emit: boolean): Measure {
  return {
    what: `${emit ? 'process and emit next' : 'process'}, concurrency ${concurrency}`,
    unit: '/s',
    run: async (contender) => {
      await contender.fill(JOBS)
      return perSecond(JOBS, await contender.drain(JOBS, concurrency, emit))
    },
  }
}

const measures: Measure[] = [
  {
    what: 'add singly, awaited',
    unit: '/s',
    run: async (contender) => {
      const startMs = performance.now()
      for (let n = 0; n < ADDS; n++) await contender.add(n)
      const rate = perSecond(ADDS, performance.now() - startMs)
      await contender.drain(ADDS, 50, false)
      return rate
    },
  },
  draining(1, false),
  draining(10, false),
  draining(50, false),
  draining(1, true),
  draining(50, true),
  { what: 'idle latency p50', unit: 'ms', run: async (each) => quantile(await each.idleLatencies(LATENCIES), 0.5) },
  { what: 'idle latency p99', unit: 'ms', run: async (each) => quantile(await each.idleLatencies(LATENCIES), 0.99) },
]

test('our bus against BullMQ', async () => {
  for (const contender of contenders) {
    await contender.fill(3000)
    await contender.drain(3000, 20, true)
  }
  const rows = []
  for (const { what, unit, run } of measures) {
    const results = contenders.map((): number[] => [])
    for (let round = 0; round < ROUNDS; round++) {
      for (const [n, contender] of contenders.entries()) results[n]!.push(await run(contender))
    }
    const [ours, theirs] = results.map((values) => quantile(values, 0.5)) as [number, number]
    const ratio = unit === '/s' ? ours / theirs : theirs / ours
    const show = (value: number) => (unit === '/s' ? `${Math.round(value)}/s` : `${value.toFixed(2)} ms`)
    rows.push({ what, ours: show(ours), BullMQ: show(theirs), 'times better': ratio.toFixed(1) })
  }
  console.table(rows)
  expect(rows.length).toBe(measures.length)
})
