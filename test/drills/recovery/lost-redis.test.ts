/** Redis lost everything, or its last second: `nessus-mcp rebuild` brings back what it no longer knows, and nothing runs twice. */
import { cp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { silentLog } from '../../../lib/base/log.ts'
import { Connection } from '../../../lib/bus/redis/connection/connection.ts'
import { until } from '../../bus/bus-events.ts'
import { callTool, errorOf, resultOf } from '../../support/http-tools.ts'
import type { TestRedis } from '../../support/redis.ts'
import { addFault, clearFaults } from '../../support/simulator-judge.ts'
import { ONCE, openHere, startSystem, type System } from './support/system.ts'

const APPEND_ONLY = 'appendonlydir'

async function flush({ url }: TestRedis): Promise<void> {
  const connection = new Connection({ url, deadlineMs: 3000, log: silentLog })
  await connection.call((client) => client.sendCommand(['FLUSHALL']))
  connection.close()
}

async function restartEmpty(redis: TestRedis): Promise<void> {
  await redis.kill()
  await rm(join(dirname(redis.socket), APPEND_ONLY), { recursive: true })
  await redis.restart()
}

/** Keeps a copy of what Redis has on disk; returns what puts it back, as a power cut would that cost the time since. */
async function remember(redis: TestRedis): Promise<() => Promise<void>> {
  const folder = join(dirname(redis.socket), APPEND_ONLY)
  redis.freeze()
  await cp(folder, `${folder}.copy`, { recursive: true })
  redis.thaw()
  return async () => {
    await redis.kill()
    await rm(folder, { recursive: true })
    await cp(`${folder}.copy`, folder, { recursive: true })
    await redis.restart()
  }
}

/** How many scans Redis knows, once a worker has said again that it serves the tools. */
async function known({ gateway }: System): Promise<unknown> {
  await until(async () => (await callTool(gateway.url, 'list_tasks', {})).status === 200, 'tools are served again')
  return (await resultOf(gateway.url, 'list_tasks', {}))['total']
}

test.each([
  ['flushed by mistake', flush],
  ['restarted without its data', restartEmpty],
])(
  'Redis %s under a running system: rebuild brings every scan back, and each ends, created and launched once',
  async (_, lose) => {
    const lab = openHere()
    const redis = await lab.redis()
    const system = await startSystem(lab, { redisUrl: redis.url, scanSeconds: 4, slots: 1 })
    const done = await system.submit('done')
    await system.ended(done)
    const key = { idempotency_key: 'the-one' }
    const running = await system.submit('running', key)
    await system.reach(running, 'scanning')
    const waiting = await system.submit('waiting')
    const secret = { targets: '192.0.2.9', name: 'secret', username: 'scan', password: 'canary-password' }
    const sealed = String((await resultOf(system.gateway.url, 'run_trusted_scan', secret))['task_id'])

    await lose(redis)
    expect(await known(system)).toBe(0)
    expect(await system.operate('rebuild', '--dry-run')).toMatch(
      /^4 scans would come back, 3 of them go on; 0 were there/m,
    )
    const reports = (await Promise.all([1, 2].map(() => system.operate('rebuild', '--json')))).map(
      (text) => JSON.parse(text) as { restored: number; known: number; damaged: unknown[] },
    )
    expect(reports.map(({ restored, known: there }) => restored + there)).toEqual([4, 4])
    expect(reports[0]!.restored + reports[1]!.restored).toBe(4)

    // Started with the same key: the scan that came back, not another.
    expect(await system.submit('running', key)).toBe(running)
    const statuses = await Promise.all([done, running, waiting].map((taskId) => system.ended(taskId)))
    expect(statuses.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed'])
    const failed = await system.ended(sealed)
    expect(failed).toMatchObject({ status: 'failed', error: { step: 'create' } })
    expect(String(failed['error_message'])).toMatch(/credentials of this scan have been erased; start a new scan/)
    expect(await system.tally([done, running, waiting, sealed])).toEqual([
      ONCE,
      ONCE,
      ONCE,
      { creates: 0, launches: 0 },
    ])
    const results = await callTool(system.gateway.url, 'get_scan_results', { task_id: done })
    expect(String(results.body['text'])).toContain('"type":"scan_metadata"')
    expect(await system.operate('rebuild')).toMatch(/^0 scans came back, 0 of them go on; 4 were there already/m)
    const after = await system.submit('after')
    expect(await system.ended(after)).toMatchObject({ status: 'completed' })
  },
)

test('Redis went back in time: what it knows goes on from there, what it never heard of is rebuilt, nothing runs twice', async () => {
  const lab = openHere()
  const redis = await lab.redis({ fsync: 'always' })
  const system = await startSystem(lab, { redisUrl: redis.url, scanSeconds: 1 })
  const done = await system.submit('done')
  await system.ended(done)
  // Still being launched at the moment to which Redis will go back.
  await addFault(system.simulator.url, {
    match: { method: 'POST', path: '/launch$' },
    action: 'delay',
    delayMs: 3000,
    times: 1,
  })
  const launching = await system.submit('launching')
  await system.reach(launching, 'launching')
  const goBack = await remember(redis)
  await clearFaults(system.simulator.url)
  expect(await system.ended(launching)).toMatchObject({ status: 'completed' })
  const unheard = await system.submit('unheard of')
  expect(await system.ended(unheard)).toMatchObject({ status: 'completed' })

  await goBack()
  expect(await system.ended(launching)).toMatchObject({ status: 'completed' })
  const missing = await callTool(system.gateway.url, 'get_scan_status', { task_id: unheard })
  expect(errorOf(missing)).toMatchObject({ code: 'not_found' })
  expect(await system.operate('rebuild')).toMatch(/^1 scans came back, 0 of them go on; 2 were there already/m)
  expect(await system.ended(unheard)).toMatchObject({ status: 'completed' })
  expect(await system.tally([done, launching, unheard])).toEqual([ONCE, ONCE, ONCE])
})
