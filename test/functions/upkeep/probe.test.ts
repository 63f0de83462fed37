/** probe: looks at each scanner, and has waiting scans admitted again where one has come back. */
import { expect, test } from 'vitest'
import { makeWorld } from '../../support/world.ts'

const away = { reachable: false, ready: false, launch: 'unknown', problem: 'It does not answer.' } as const

test('notes what it saw of each scanner', async () => {
  const world = makeWorld()
  world.scanner().health = away
  await world.emit('probe.due', {})
  await world.deliver('probe')
  const health = await world.services.keyspace.hash(world.services.scanKeys.health)
  expect(JSON.parse(health['lab/one']!)).toMatchObject({ ready: false, problem: 'It does not answer.' })
})

test('tells the queue of a scanner that has come back, once', async () => {
  const world = makeWorld()
  const well = world.scanner().health
  const look = async () => {
    await world.emit('probe.due', {})
    await world.deliver('probe')
    return world.waiting('admit').length
  }
  world.scanner().health = away
  expect(await look(), 'it is away').toBe(0)
  world.scanner().health = well
  expect(await look(), 'it is back').toBe(1)
  expect(await look(), 'nothing new').toBe(1)
})
