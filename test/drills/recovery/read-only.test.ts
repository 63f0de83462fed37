/** Goal: a data directory that turns read-only loses nothing, is told where people look, and holds up nobody once it is writable. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../../bus/bus-events.ts'
import { callTool } from '../../support/http-tools.ts'
import { mountSmallDisk } from '../../support/small-disk.ts'
import { ONCE, openHere, startSystem } from './support/system.ts'

const NO_MOUNT = 'mounting a small disk needs root'
const REMEDY = /is read-only: mount it writable, or set DATA_DIR/

test('a data directory that turns read-only under a running system', { timeout: 120_000 }, async ({ skip }) => {
  const disk = mountSmallDisk()
  if (disk === undefined) return skip(NO_MOUNT)
  const lab = openHere()
  const { url: redisUrl } = await lab.redis()
  const system = await startSystem(lab, { redisUrl, scanSeconds: 2, env: { DATA_DIR: disk.folder } })
  const { gateway, worker } = system
  const [readable, unwanted] = [await system.submit('readable'), await system.submit('unwanted')]
  await Promise.all([system.ended(readable), system.ended(unwanted)])
  const interrupted = await system.submit('interrupted')
  await system.reach(interrupted, 'scanning')
  await disk.makeReadOnly()

  const health = await system.health()
  expect(health).toMatchObject({ overall_status: 'unhealthy', filesystem_healthy: false, redis_healthy: true })
  expect(String(health['problems'])).toMatch(REMEDY)
  expect((await callTool(gateway.url, 'get_scan_results', { task_id: readable })).status).toBe(200)
  const accepted = await system.submit('accepted meanwhile')
  expect((await callTool(gateway.url, 'delete_scan', { task_id: unwanted })).status).toBe(200)
  for (const [step, taskId, why] of [
    ['export', interrupted, REMEDY],
    ['export', accepted, REMEDY],
    ['forget', unwanted, /EROFS/],
  ] as const) {
    const waits = () => worker.output.split('\n').filter((line) => waitsForDisk(line, step, taskId))
    await until(() => waits().length > 1, `${step} of ${taskId} has been put off twice`)
    expect(waits().filter((line) => !line.includes('"attempt":1,'))).toEqual([])
    expect(waits()[0]).toMatch(why)
  }
  expect(existsSync(join(disk.folder, unwanted))).toBe(true)

  await disk.makeWritable()
  for (const taskId of [interrupted, accepted]) {
    expect(await system.ended(taskId)).toMatchObject({ status: 'completed', results_available: true })
    const snapshot = join(disk.folder, taskId, 'task.json')
    await until(async () => (await readFile(snapshot, 'utf8')).includes('"completed"'), `${snapshot} is up to date`)
  }
  await until(() => !existsSync(join(disk.folder, unwanted)), 'the files of the deleted scan are gone')
  expect(await system.tally([readable, interrupted, accepted])).toEqual([ONCE, ONCE, ONCE])
  expect(await system.health()).toMatchObject({ overall_status: 'healthy' })
  expect(await system.operate('dead', 'list')).not.toMatch(/export|validate|forget/)
})

test.for(['gateway', 'worker'])(
  'a %s does not start on one that is read-only, and says why',
  async (role, { skip }) => {
    const disk = mountSmallDisk()
    if (disk === undefined) return skip(NO_MOUNT)
    await disk.makeReadOnly()
    const lab = openHere()
    const redis = await lab.redis()
    const program = lab.run(role, [role], { env: { REDIS_URL: redis.url, DATA_DIR: disk.folder } })
    expect(await program.exited).toMatchObject({ code: 2 })
    expect(program.output).toMatch(REMEDY)
  },
)

/** Whether a worker says in this line that `step` waits for the disk. */
function waitsForDisk(line: string, step: string, taskId: string): boolean {
  return ['"waits, at no cost"', '"for":"disk"', `"function":"${step}"`, taskId].every((part) => line.includes(part))
}
