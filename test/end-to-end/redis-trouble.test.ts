/** Redis killed under running scans: callers hear it, nothing is lost, nobody has to be restarted. */
import { expect, onTestFinished, test } from 'vitest'
import { callTool, ended, errorOf, submit } from '../support/http-tools.ts'
import { entryFor, openTestLab } from '../support/lab.ts'
import { readCounts } from '../support/simulator-judge.ts'

test('Redis killed and restarted in mid-flight: every scan ends, created once and launched once', async () => {
  const lab = openTestLab({ onTestFinished })
  // What a killed Redis had acknowledged is still there only if it had been written out.
  const redis = await lab.redis({ fsync: 'always' })
  const simulator = await lab.simulator('simulator', ['--scan-seconds', '2'])
  await lab.scanners({ nessus: [entryFor(simulator, 'one', 4)] })
  const env = { REDIS_URL: redis.url, LEASE_SECONDS: '2' }
  const [{ url, program: gateway }, worker] = await Promise.all([
    lab.gateway('gateway', env),
    lab.worker('worker', env),
  ])
  const args = Array.from({ length: 8 }, (_, n) => ({ targets: `192.0.2.${n}`, name: `flight ${n}` }))
  const taskIds = await Promise.all(args.map((one) => submit(url, one)))

  await redis.kill()
  const refused = await callTool(url, 'get_scan_status', { task_id: taskIds[0] }, { timeoutMs: 15_000 })
  expect(refused.status).toBe(503)
  expect(errorOf(refused).message).toMatch(/Redis (cannot be reached|went away)/)
  const health = await fetch(`${url}/health`)
  expect(health.status).toBe(503)
  expect(await health.json()).toMatchObject({ redis_healthy: false, filesystem_healthy: true })

  await redis.restart()
  const statuses = await Promise.all(taskIds.map((taskId) => ended(url, taskId)))
  expect(statuses.map(({ status }) => status)).toEqual(taskIds.map(() => 'completed'))
  const { scans } = await readCounts(simulator.url)
  expect(scans.map(({ creates, launches }) => [creates, launches])).toEqual(taskIds.map(() => [1, 1]))
  expect([gateway.running, worker.running]).toEqual([true, true])
})
