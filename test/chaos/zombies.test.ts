/** Workers that stand still longer than their lease in the middle of what cannot be undone, and then go on as if nothing had been. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { ended, submit } from '../support/http-tools.ts'
import { entryFor, openTestLab } from '../support/lab.ts'
import { addFault, readCounts } from '../support/simulator-judge.ts'
import { slotHolders, withRedis } from './redis-eye.ts'

const LEASE_SECONDS = '1'
/** How long the scanner takes for the one request in whose middle the worker is frozen: longer than a lease and a take-over. */
const SLOW_MS = 4000

test.each([
  // The zombie's request goes through in the end: what it made is adopted, or removed again when the heir made its own.
  { step: 'create', path: '^/scans$' },
  { step: 'launch', path: '/launch$' },
])('a worker frozen in the middle of $step: nothing runs twice, nothing is left', async ({ path }) => {
  const lab = openTestLab({ onTestFinished })
  const redis = await lab.redis()
  // Longer than the request is slow: a second launch would meet the first one's run, as on a real scanner.
  const simulator = await lab.simulator('simulator', ['--scan-seconds', '8'])
  await lab.scanners({ nessus: [entryFor(simulator, 'one')] })
  const env = { REDIS_URL: redis.url, LEASE_SECONDS }
  const [{ url }, zombie] = await Promise.all([lab.gateway('gateway', env), lab.worker('zombie', env)])
  await addFault(simulator.url, { match: { method: 'POST', path }, action: 'delay', delayMs: SLOW_MS, times: 1 })
  const taskId = await submit(url, { targets: '192.0.2.1', name: 'haunted' })
  await expect.poll(async () => (await readCounts(simulator.url)).totals['faults'], { timeout: 10_000 }).toBe(1)
  zombie.signal('SIGSTOP')

  const heir = await lab.worker('heir', env)
  await heir.said(/"step":"scanning"/)
  // By now the scanner has carried out the zombie's request as well.
  await sleep(SLOW_MS)
  zombie.signal('SIGCONT')
  expect(await ended(url, taskId)).toMatchObject({ status: 'completed', results_available: true })
  const left = async () => {
    const { creates = 0, deletes = 0, launches = 0 } = (await readCounts(simulator.url)).totals
    return { scans: creates - deletes, launches }
  }
  await expect.poll(left, { timeout: 15_000 }).toEqual({ scans: 1, launches: 1 })
  const { scans } = await readCounts(simulator.url)
  expect(scans.map(({ launches, status }) => ({ launches, status }))).toEqual([
    { launches: 1, status: expect.any(String) },
  ])
  expect(await withRedis(redis.socket, slotHolders)).toEqual([])
  expect([zombie.running, heir.running]).toEqual([true, true])
})
