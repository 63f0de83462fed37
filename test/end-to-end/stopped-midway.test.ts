/** A scan that is deleted while one of its steps is under way: the step fails for that, and it is nobody's problem. */
import { expect, onTestFinished, test } from 'vitest'
import { createClient } from 'redis'
import { callTool, resultOf, submit } from '../support/http-tools.ts'
import { entryFor, openTestLab } from '../support/lab.ts'
import { addFault, readCounts } from '../support/simulator-judge.ts'

test('a scan deleted in the middle of its launch is gone from the scanner, and leaves no dead letter', async () => {
  const lab = openTestLab({ onTestFinished })
  const redis = await lab.redis()
  const simulator = await lab.simulator('simulator')
  await lab.scanners({ nessus: [entryFor(simulator, 'one')] })
  const [{ url }] = await Promise.all([
    lab.gateway('gateway', { REDIS_URL: redis.url }),
    lab.worker('worker', { REDIS_URL: redis.url }),
  ])
  await addFault(simulator.url, {
    match: { method: 'POST', path: '/launch$' },
    action: 'delay',
    delayMs: 1500,
    times: 1,
  })
  const taskId = await submit(url, { targets: '192.0.2.1', name: 'unwanted' })
  const faults = async () => (await readCounts(simulator.url)).totals['faults']
  await expect.poll(faults, { timeout: 10_000 }).toBe(1)
  await resultOf(url, 'delete_scan', { task_id: taskId, force: true })

  const status = async () => (await callTool(url, 'get_scan_status', { task_id: taskId })).status
  await expect.poll(status, { timeout: 10_000 }).toBe(404)
  await expect.poll(async () => (await readCounts(simulator.url)).scans[0]?.status, { timeout: 10_000 }).toBe('deleted')
  const client = await createClient({ socket: { path: redis.socket, tls: false } }).connect()
  onTestFinished(() => client.destroy())
  // The launch has been answered, with 404, once its event is out of the inbox.
  await expect.poll(() => client.xLen('{nessus}:in:launch'), { timeout: 10_000 }).toBe(0)
  expect(await client.xLen('{nessus}:dead')).toBe(0)
})
