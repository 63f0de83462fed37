/** schedule-adoptions begins what scanners.yaml schedules, when it is time, and revives what has lost its event. */
import { expect, test } from 'vitest'
import { worldAtSimulator } from '../../support/world-at-simulator.ts'
import { resultOf } from '../../support/tool-replies.ts'

const MINUTE_MS = 60_000
const adopt = { everyMs: 30 * MINUTE_MS, folder: 'Audits', partial: false, limit: 100 }

async function scheduled() {
  const at = await worldAtSimulator({ entry: { adopt } })
  const { world, people } = at
  const id = people.makeScan({ folder: 'Audits' })
  people.ranBefore(id, { times: 2 })
  const tick = async () => {
    await world.emit('adopt.due', {})
    await world.settleDown()
  }
  const taken = async () => (await world.services.scans.list({ limit: 100 })).total
  return { ...at, id, tick, taken }
}

test('begins at once, then as often as the entry says, and takes only what is new', async () => {
  const { world, people, id, tick, taken } = await scheduled()
  people.ranBefore(people.makeScan({ name: 'in another folder' }), { times: 1 })
  await tick()
  expect(await taken()).toBe(2)
  people.ranBefore(id, { times: 1 })
  world.clock.ms += 29 * MINUTE_MS
  await tick()
  expect(await taken()).toBe(2)
  world.clock.ms += MINUTE_MS
  await tick()
  expect(await taken()).toBe(3)
  const told = resultOf(await world.call('list_adoptions', {}))
  expect(told['schedules']).toMatchObject([{ every_minutes: 30, folder: 'Audits' }])
  expect(told['adoptions']).toMatchObject([{ began_by: 'schedule', runs_taken: 1 }])
})

test('a call meanwhile does not put the schedule off', async () => {
  const { world, tick, taken, people, id } = await scheduled()
  await tick()
  world.clock.ms += 29 * MINUTE_MS
  await world.call('adopt_scans', {})
  await world.settleDown()
  people.ranBefore(id, { times: 1 })
  world.clock.ms += MINUTE_MS
  await tick()
  expect(await taken()).toBe(3)
})

test('one whose event was lost goes on; one whose event is on its way is left alone', async () => {
  const { world, tick, taken } = await scheduled()
  await world.call('adopt_scans', { folder: 'Audits' })
  const [delivery] = await world.bus.pull(new Map([['take-in', 1]]))
  await world.bus.settle(delivery!, { guards: [], writes: [], posts: [] })
  await tick()
  expect(await taken()).toBe(0)
  world.clock.ms += 11 * MINUTE_MS
  await tick()
  expect(await taken()).toBe(2)
})

test('a folder that is no more ends the pass with a word, and the next one looks again', async () => {
  const { world, registry, tick } = await scheduled()
  registry.change('lab/one', { adopt: { ...adopt, folder: 'Gone' } })
  await tick()
  const told = resultOf(await world.call('list_adoptions', {}))
  expect(told['adoptions']).toMatchObject([
    { state: 'ended', ended_early: expect.stringContaining('no folder "Gone"') },
  ])
})
