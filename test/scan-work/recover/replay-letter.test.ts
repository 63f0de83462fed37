/** A replayed scan waits its turn like any other, so that no scanner gets more than it takes; and a letter is replayed once. */
import { expect, test } from 'vitest'
import { PermanentError } from '../../../lib/base/errors.ts'
import { readLetters } from '../../../lib/scan-work/recover/read-letters.ts'
import { replayLetter } from '../../../lib/scan-work/recover/replay-letter.ts'
import { scannerEntry } from '../../support/fake-registry.ts'
import { runningScan, TASK } from '../../support/scan-record.ts'
import { makeWorld, routes } from '../../support/world.ts'

const OTHER = 'ns_one_20260301_080000_0000000e'

/** A scan whose creation died and left its letter, at a scanner that is well again; the id of its event. */
async function leaveLetter(world: ReturnType<typeof makeWorld>): Promise<string> {
  world.scanner().fault = (method) => {
    if (method === 'create') throw new PermanentError('no room on the disk')
  }
  const { id } = await world.emit('scan.admitted', {}, { subject: TASK })
  await world.put(runningScan({ next: id }))
  await world.settleDown()
  world.scanner().fault = () => {}
  return id
}

test('a replayed scan waits in the queue while its scanner is full, and goes on once it is not (RL4)', async () => {
  const world = makeWorld({ entries: [scannerEntry({ maxConcurrentScans: 1 })] })
  await leaveLetter(world)
  await world.put(runningScan({ task_id: OTHER, next: 'elsewhere' }))
  const deps = { ...world.services, bus: world.bus, routes }
  for await (const letter of readLetters(world.bus.keyspace, world.bus.keys)) await replayLetter(letter, 'ann', deps)
  await world.settleDown()
  expect(await world.scan(TASK)).toMatchObject({ status: 'queued', step: 'waiting' })
  expect(await world.services.scans.holders('lab/one')).toEqual([OTHER])
  const { result } = (await world.call('stop_scan', { task_id: OTHER })) as unknown as { result: { stopping: boolean } }
  expect(result.stopping).toBe(true)
  await world.pass(120_000)
  expect(await world.scan(TASK)).toMatchObject({ status: 'completed' })
  expect(world.scanner().tally(TASK)).toMatchObject({ creates: 1, launches: 1 })
})

test('a letter that two replay at once is replayed once, and its event keeps its id (RL1, RL2)', async () => {
  const world = makeWorld()
  const id = await leaveLetter(world)
  const deps = { ...world.services, bus: world.bus, routes }
  const { value: letter } = await readLetters(world.bus.keyspace, world.bus.keys).next()
  const replayed = await Promise.all([replayLetter(letter!, 'ann', deps), replayLetter(letter!, 'bob', deps)])
  expect(replayed.filter(Boolean)).toHaveLength(1)
  expect(await replayLetter(letter!, 'ann', deps)).toBe(false)
  expect(await world.scan(TASK)).toMatchObject({ status: 'queued', next: id, resume: { function: 'create' } })
  expect(JSON.parse((await world.scan(TASK)).resume!.event)).toMatchObject({ id })
})
