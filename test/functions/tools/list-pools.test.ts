/** list_pools tells how scanners are grouped. */
import { expect, test } from 'vitest'
import { scannerEntry } from '../../support/fake-registry.ts'
import { resultOf } from '../../support/tool-replies.ts'
import { makeWorld } from '../../support/world.ts'

test('counts the scanners that are enabled, and what they take together; the first pool is the default', async () => {
  const entries = [
    scannerEntry({ maxConcurrentScans: 2 }),
    scannerEntry({ instanceId: 'two', maxConcurrentScans: 3 }),
    scannerEntry({ instanceId: 'off', enabled: false }),
  ]
  expect(resultOf(await makeWorld({ entries }).call('list_pools', {}))).toEqual({
    pools: [{ scanner_pool: 'lab', scanners: 2, capacity: 5 }],
    default_pool: 'lab',
  })
})

test('without scanners there is no pool, and no default', async () => {
  expect(resultOf(await makeWorld({ entries: [] }).call('list_pools', {}))).toEqual({ pools: [], default_pool: null })
})
