/** An event that lies in its inbox twice, both copies at work at the same time: what must never happen, and must do no harm. */
import { expect, onTestFinished, test } from 'vitest'
import { ended, submit } from '../support/http-tools.ts'
import { entryFor, openTestLab } from '../support/lab.ts'
import { addFault, readCounts } from '../support/simulator-judge.ts'
import { inboxDepths, slotHolders, withRedis } from './redis-eye.ts'

/** How long the scanner takes for the request of the first copy: long enough for the second to overtake it. */
const SLOW_MS = 1500

const ONCE = { creates: 1, deletes: 0, launches: 1 }

test.each([
  { step: 'create', path: '^/scans$' },
  { step: 'launch', path: '/launch$' },
])('two copies of the event for $step lead to one scan that runs once', async ({ step, path }) => {
  const lab = openTestLab({ onTestFinished })
  const redis = await lab.redis()
  const simulator = await lab.simulator('simulator', ['--scan-seconds', '4'])
  await lab.scanners({ nessus: [entryFor(simulator, 'one')] })
  const env = { REDIS_URL: redis.url }
  const [{ url }] = await Promise.all([lab.gateway('gateway', env), lab.worker('worker', env)])
  await addFault(simulator.url, { match: { method: 'POST', path }, action: 'delay', delayMs: SLOW_MS, times: 1 })
  const taskId = await submit(url, { targets: '192.0.2.1', name: 'twice' })
  await expect.poll(async () => (await readCounts(simulator.url)).totals['faults'], { timeout: 10_000 }).toBe(1)
  const copied = await withRedis(redis.socket, async (client) => {
    const entries = (await client.xRange(`{nessus}:in:${step}`, '-', '+')) ?? []
    for (const { message } of entries) await client.xAdd(`{nessus}:in:${step}`, '*', message)
    return entries.length
  })
  expect(copied).toBe(1)

  expect(await ended(url, taskId)).toMatchObject({ status: 'completed', results_available: true })
  await expect.poll(async () => (await readCounts(simulator.url)).totals, { timeout: 10_000 }).toMatchObject(ONCE)
  await expect.poll(() => withRedis(redis.socket, inboxDepths)).toEqual({})
  expect(await withRedis(redis.socket, slotHolders)).toEqual([])
})
