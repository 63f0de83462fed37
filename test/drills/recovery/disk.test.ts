/** Trouble with the data directory: told where people look, waited for, and mended by one command. */
import { mkdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../../bus/bus-events.ts'
import { callTool, errorOf, resultOf, type ToolAnswer } from '../../support/http-tools.ts'
import { ONCE, openHere, startSystem, type System } from './support/system.ts'

const here = async () => {
  const lab = openHere()
  return startSystem(lab, { redisUrl: (await lab.redis()).url })
}
const results = (system: System, taskId: string): Promise<ToolAnswer> =>
  callTool(system.gateway.url, 'get_scan_results', { task_id: taskId })
const reportOf = ({ dataDir }: System, taskId: string) => join(dataDir, taskId, 'scan_native.nessus')

test.each(['gateway', 'worker'])(
  'a %s does not start on a data directory that it cannot use, and says why',
  async (role) => {
    const lab = openHere()
    const redis = await lab.redis()
    await lab.scanners({ nessus: [{ instance_id: 'a', url: 'http://127.0.0.1:1', access_key: 'k', secret_key: 's' }] })
    const file = join(lab.folder, 'a-file')
    await writeFile(file, '')
    const program = lab.run(role, [role], { env: { REDIS_URL: redis.url, DATA_DIR: file } })
    expect(await program.exited).toMatchObject({ code: 2 })
    expect(program.output).toMatch(/The data directory \S+a-file is no folder: set DATA_DIR/)
  },
)

test.each([
  ['replaced by a file', 'nothing', /is no folder: set DATA_DIR/],
  ['removed', 'nowhere', /is gone: mount it again, or make the folder/],
])(
  'a data directory that is %s under a running system is told of, and scans go on when it is back',
  async (_, away, says) => {
    const lab = openHere()
    const redis = await lab.redis()
    // Behind a link, so that it can be swapped in one step, as a volume is unmounted.
    const mount = join(lab.folder, 'mount')
    const swap = async (target: string) => {
      await symlink(target, `${mount}.next`)
      await rename(`${mount}.next`, mount)
    }
    const [volume, nothing] = [join(lab.folder, 'volume'), join(lab.folder, 'nothing')]
    await Promise.all([mkdir(volume), writeFile(nothing, '')])
    await swap(volume)
    const system = await startSystem(lab, { redisUrl: redis.url, env: { DATA_DIR: mount } })
    const taskId = await system.submit('interrupted')
    await system.reach(taskId, 'scanning')
    await swap(join(lab.folder, away))
    const health = await system.health()
    expect(health).toMatchObject({ overall_status: 'unhealthy', filesystem_healthy: false, redis_healthy: true })
    expect(String(health['problems'])).toMatch(says)
    await system.worker.said(/"waits, at no cost".*"function":"export"/)
    const { trouble } = await resultOf(system.gateway.url, 'get_scan_status', { task_id: taskId })
    expect((trouble as { message: string }).message).toMatch(says)
    await swap(volume)
    expect(await system.ended(taskId)).toMatchObject({ status: 'completed' })
    expect(await system.tally([taskId])).toEqual([ONCE])
    expect(await system.health()).toMatchObject({ overall_status: 'healthy' })
  },
  120_000,
)

test('a task.json that cannot be written does not hold up its scan', async () => {
  const system = await here()
  const taskId = await system.submit('without a snapshot')
  const snapshot = join(system.dataDir, taskId, 'task.json')
  const isInTheWay = async () => {
    await rm(snapshot, { recursive: true, force: true })
    // The worker may have written it again in between.
    return mkdir(join(snapshot, 'in the way'), { recursive: true }).then(
      () => true,
      () => false,
    )
  }
  await until(isInTheWay, 'a folder lies where task.json is written')
  expect(await system.ended(taskId)).toMatchObject({ status: 'completed', results_available: true })
  await system.worker.said(/task\.json not written/)
  await system.worker.stop()
  await rm(snapshot, { recursive: true })
  expect(await system.operate('rebuild')).toMatch(/^1 scans that Redis knows had lost their task\.json/m)
  expect(JSON.parse(await readFile(snapshot, 'utf8'))).toMatchObject({
    status: 'completed',
  })
})

test('a damaged findings store is built anew, unseen by who reads the results', async () => {
  const system = await here()
  const taskId = await system.submit('store')
  await system.ended(taskId)
  const before = await results(system, taskId)
  const store = join(system.dataDir, taskId, 'findings.store')
  await truncate(store, 100)
  await system.worker.stop()
  const worker = await system.lab.worker('worker-2', system.env)
  expect(await results(system, taskId)).toEqual(before)
  await worker.said(/rebuilding findings store/)
})

test('a damaged report is refused with the command that mends it, and repair fetches the same run again', async () => {
  const system = await here()
  const taskId = await system.submit('damaged')
  await system.ended(taskId)
  const before = await results(system, taskId)
  const whole = await readFile(reportOf(system, taskId))
  await truncate(reportOf(system, taskId), whole.length - 100)
  // The worker that read it before still has it in memory, and answers from there.
  await system.worker.stop()
  await system.lab.worker('worker-2', system.env)
  const refused = await results(system, taskId)
  expect(refused.status).toBe(409)
  expect(errorOf(refused).message).toMatch(new RegExp(`damaged on disk.*nessus-mcp repair ${taskId}`, 's'))

  expect(await system.operate('repair', taskId)).toMatch(/fetched again/)
  expect(await system.operate('repair', taskId)).toMatch(/is sound/)
  expect((await results(system, taskId)).body).toEqual(before.body)
  const native = await resultOf(system.gateway.url, 'download_native_scan', { task_id: taskId })
  const status = await resultOf(system.gateway.url, 'get_scan_status', { task_id: taskId })
  expect(status).toMatchObject({ status: 'completed' })
  expect(native['size_bytes']).toBe((await readFile(reportOf(system, taskId))).length)
  expect(await system.tally([taskId])).toEqual([ONCE])
})

test('a report that its scanner no longer has cannot be repaired, and nothing is changed', async () => {
  const system = await here()
  const taskId = await system.submit('gone')
  const { nessus_scan_id: id } = await system.ended(taskId)
  await rm(reportOf(system, taskId))
  await fetch(`${system.simulator.url}/simulator/scans/${String(id)}`, { method: 'DELETE' })
  await expect(system.operate('repair', taskId)).rejects.toThrow(/ended with 2: .*gone from the scanner.*import it/s)
  // The store still answers.
  expect((await results(system, taskId)).status).toBe(200)
})

test('of a scan that was run again at the scanner, the run that was reported is fetched (M2)', async () => {
  const system = await here()
  const taskId = await system.submit('again')
  const { nessus_scan_id: id } = await system.ended(taskId)
  await rm(reportOf(system, taskId))
  const keys = `accessKey=${system.simulator.accessKey}; secretKey=${system.simulator.secretKey};`
  const launched = await fetch(`${system.simulator.url}/scans/${String(id)}/launch`, {
    method: 'POST',
    headers: { 'X-ApiKeys': keys },
  })
  expect(launched.status).toBe(200)
  expect(await system.operate('repair', taskId)).toMatch(/fetched again/)
  expect(await system.operate('repair', taskId)).toMatch(/is sound/)
})
