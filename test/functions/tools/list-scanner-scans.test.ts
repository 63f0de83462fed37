/** list_scanner_scans shows what lies on a scanner, ours or not. */
import { expect, test } from 'vitest'
import { makeWorld } from '../../support/world.ts'
import { resultOf } from '../../support/tool-replies.ts'

const add = (world: ReturnType<typeof makeWorld>, name: string) =>
  world.scanner().add({ name, description: '', marker: 'x', targets: '192.0.2.1', template: 'basic' })

test('counts all that fit, and shows as many as were asked for', async () => {
  const world = makeWorld()
  for (const name of ['Weekly one', 'Weekly two', 'Audit']) add(world, name)
  const result = resultOf(await world.call('list_scanner_scans', { name_filter: 'WEEKLY', limit: 1 }))
  expect(result).toMatchObject({ scanner_instance: 'one', total: 2 })
  expect(result['scans']).toHaveLength(1)
})

test('says what can be done with one of them', async () => {
  const world = makeWorld()
  expect(resultOf(await world.call('list_scanner_scans', {}))).toMatchObject({
    total: 0,
    scans: [],
    next: expect.stringContaining('adopt_scan'),
  })
})
