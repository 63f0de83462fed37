/** list_scans is list_tasks under its older name. */
import { expect, test } from 'vitest'
import { resultOf } from '../../support/tool-replies.ts'
import { queuedScan } from '../../support/scan-record.ts'
import { makeWorld } from '../../support/world.ts'

test('answers the same as list_tasks', async () => {
  const world = makeWorld()
  await world.put(queuedScan())
  const [older, newer] = [await world.call('list_scans', { limit: 5 }), await world.call('list_tasks', { limit: 5 })]
  expect(resultOf(older)).toEqual(resultOf(newer))
  expect(resultOf(older)['total']).toBe(1)
})
