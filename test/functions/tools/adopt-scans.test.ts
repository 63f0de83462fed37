import { expect, test } from 'vitest'
import { refusalOf, resultOf } from '../../support/tool-replies.ts'
import { worldAtSimulator } from '../../support/world-at-simulator.ts'

async function withRuns() {
  const at = await worldAtSimulator()
  const { people, world } = at
  people.ranBefore(people.makeScan({ name: 'Weekly' }), { times: 2 })
  const adopt = async (args: object = {}) => world.call('adopt_scans', { ...args })
  return { ...at, adopt }
}

test('says at once how many scans it is about, and goes on in the background', async () => {
  const { world, adopt } = await withRuns()
  expect(resultOf(await adopt({ name_filter: 'week*' }))).toMatchObject({
    state: 'under way',
    scans_total: 1,
    runs_taken: 0,
  })
  await world.settleDown()
  expect((await world.services.scans.list({ limit: 10 })).total).toBe(2)
})

test('called again it tells how far it is, and begins no second one', async () => {
  const { world, adopt } = await withRuns()
  await adopt({ name_filter: 'week*' })
  expect(resultOf(await adopt({ name_filter: 'week*' }))).toMatchObject({ state: 'under way' })
  await world.settleDown()
  expect((await world.services.scans.list({ limit: 10 })).total).toBe(2)
})

test('another wish meanwhile is refused, with how to end the one under way', async () => {
  const { adopt } = await withRuns()
  await adopt({ name_filter: 'week*' })
  const refusal = refusalOf(await adopt({ name_filter: 'other*' }))
  expect(refusal).toMatchObject({ code: 'conflict', message: expect.stringContaining('stop: true') })
})

test('stop ends it, and what was taken in stays', async () => {
  const { world, adopt } = await withRuns()
  expect(refusalOf(await adopt({ stop: true }))).toMatchObject({ code: 'conflict' })
  await adopt()
  expect(resultOf(await adopt({ stop: true }))).toMatchObject({
    state: 'ended',
    ended_early: expect.stringContaining('stopped'),
  })
  await world.settleDown()
  expect((await world.services.scans.list({ limit: 10 })).total).toBe(0)
})

test('a folder that is not there is refused before anything begins, with those there are', async () => {
  const { adopt } = await withRuns()
  expect(refusalOf(await adopt({ folder: 'Gone' })).message).toContain('no folder "Gone"')
  expect(refusalOf(await adopt({ stop: true }))).toMatchObject({ code: 'conflict' })
})
