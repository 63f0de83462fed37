import { expect, test } from 'vitest'
import { refusalOf, resultOf } from '../../support/tool-replies.ts'
import { worldAtSimulator } from '../../support/world-at-simulator.ts'

const MINUTE_MS = 60_000

test('tells of none where none began and none is scheduled', async () => {
  const { world } = await worldAtSimulator()
  expect(resultOf(await world.call('list_adoptions', {}))).toMatchObject({ adoptions: [], schedules: [] })
})

test('tells the last one of each scanner: what it took in, and what it passed over and why', async () => {
  const { world, people } = await worldAtSimulator()
  people.ranBefore(people.makeScan({ name: 'Weekly' }), { times: 2 })
  people.makeScan({ name: 'Never' })
  await world.call('adopt_scans', {})
  await world.settleDown()
  const told = resultOf(await world.call('list_adoptions', { scanner_instance: 'one' }))
  expect(told['adoptions']).toMatchObject([
    { scanner_instance: 'one', state: 'ended', began_by: 'call', runs_taken: 2, examples: [{ name: 'Never' }] },
  ])
})

test('tells what is scheduled, also before its first time', async () => {
  const adopt = { everyMs: 30 * MINUTE_MS, folder: 'Audits', partial: false, limit: 100 }
  const { world } = await worldAtSimulator({ entry: { adopt } })
  const { schedules } = resultOf(await world.call('list_adoptions', {}))
  expect(schedules).toMatchObject([
    { scanner_instance: 'one', every_minutes: 30, folder: 'Audits', last_began_at: null },
  ])
})

test('a scanner that is not there is refused with those there are', async () => {
  const { world } = await worldAtSimulator()
  expect(refusalOf(await world.call('list_adoptions', { scanner_instance: 'other' })).message).toContain('one')
})
