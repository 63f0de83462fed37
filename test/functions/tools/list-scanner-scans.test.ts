/** list_scanner_scans shows what lies on a scanner, ours or not, page by page while it changes. */
import { expect, test } from 'vitest'
import { refusalOf, resultOf } from '../../support/tool-replies.ts'
import { makeWorld } from '../../support/world.ts'
import { worldAtSimulator } from '../../support/world-at-simulator.ts'

const add = (world: ReturnType<typeof makeWorld>, name: string) =>
  world.scanner().add({ name, description: '', marker: 'x', targets: '192.0.2.1', template: 'basic' })

interface Listed {
  readonly total: number
  readonly on_scanner: number
  readonly next_cursor: string | null
  readonly scans: readonly { scanner_scan_id: number; name: string; folder: string | null; status: string }[]
}
const list = async (world: ReturnType<typeof makeWorld>, args: object) =>
  resultOf(await world.call('list_scanner_scans', { ...args })) as unknown as Listed

test('counts all that fit, and shows as many as were asked for', async () => {
  const world = makeWorld()
  for (const name of ['Weekly one', 'Weekly two', 'Audit']) add(world, name)
  const result = resultOf(await world.call('list_scanner_scans', { name_filter: 'WEEKLY', limit: 1 }))
  expect(result).toMatchObject({ scanner_instance: 'one', total: 2, on_scanner: 3 })
  expect(result['scans']).toHaveLength(1)
})

test('says what can be done with one of them', async () => {
  const world = makeWorld()
  expect(resultOf(await world.call('list_scanner_scans', {}))).toMatchObject({
    total: 0,
    scans: [],
    next_cursor: null,
    next: expect.stringContaining('adopt_scan'),
  })
})

test('ten thousand scans of which a hundred change while they are listed: each comes once', async () => {
  const { world, people } = await worldAtSimulator()
  const made = Array.from({ length: 10_000 }, (_, n) => people.makeScan({ name: `scan ${n}` }))
  const seen: number[] = []
  let cursor: string | null | undefined
  for (let page = 0; cursor !== null; page++) {
    const answer: Listed = await list(world, { limit: 200, ...(cursor === undefined ? {} : { cursor }) })
    seen.push(...answer.scans.map(({ scanner_scan_id: id }) => id))
    // Some run, some go, and new ones come, on every page.
    people.launchScan(made[page * 150]!)
    people.renameScan(made[page * 190 + 7]!, 'renamed')
    people.makeScan({ name: 'came meanwhile' })
    cursor = answer.next_cursor
  }
  expect(seen).toHaveLength(10_000)
  expect(new Set(seen)).toEqual(new Set(made))
})

test('filters by folder, status, pattern and date; the count is of all that fit', async () => {
  const { world, people } = await worldAtSimulator()
  const weekly = people.makeScan({ name: 'Weekly DMZ', folder: 'Audits' })
  people.ranBefore(weekly, { times: 2 })
  const monthly = people.makeScan({ name: 'Monthly DMZ', folder: 'Audits' })
  people.ranBefore(monthly, { times: 1, status: 'canceled' })
  people.makeScan({ name: 'Weekly elsewhere' })
  const names = async (args: object) => (await list(world, args)).scans.map(({ name }) => name)
  expect(await names({ folder: 'audits' })).toEqual(['Monthly DMZ', 'Weekly DMZ'])
  expect(await names({ folder: 'Audits', name_filter: 'weekly*' })).toEqual(['Weekly DMZ'])
  expect(await names({ status: 'canceled' })).toEqual(['Monthly DMZ'])
  expect(await list(world, { folder: 'Audits', limit: 1 })).toMatchObject({ total: 2, on_scanner: 3 })
  const today = new Date().toISOString().slice(0, 10)
  // The runs of the past do not move the date at which the scan itself was made.
  expect(await names({ modified_until: today, folder: 'Audits' })).toHaveLength(2)
  expect(await names({ modified_since: '2999-01-01' })).toEqual([])
  // Never run: it has no date, which is not an early one.
  expect(await names({ modified_until: '2999-01-01' })).not.toContain('Weekly elsewhere')
})

test('what would look like no scans is refused with what there is', async () => {
  const { world, people } = await worldAtSimulator()
  people.makeScan({ folder: 'Audits' })
  const refused = async (args: object) => refusalOf(await world.call('list_scanner_scans', { ...args }))
  expect(await refused({ folder: 'Audit' })).toMatchObject({ message: expect.stringMatching(/did you mean Audits/) })
  expect(await refused({ status: 'cancelled' })).toMatchObject({
    message: expect.stringMatching(/canceled/),
  })
  expect(await refused({ modified_since: 'yesterday' })).toMatchObject({
    message: expect.stringMatching(/expected a day/),
  })
  expect(await refused({ modified_since: '2026-13-40' })).toMatchObject({ details: { arguments: ['modified_since'] } })
  expect(await refused({ cursor: 'x' })).toMatchObject({ message: expect.stringMatching(/next_cursor/) })
})
