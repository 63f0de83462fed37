/** Scans of an entry with `linked_scanner` run on that scanner of the manager, and wait while it is away or its name is wrong. */
import { expect, test } from 'vitest'
import { parseConfiguration } from '../../../lib/scanners/configuration/configuration.ts'
import { ScannerAwayError } from '../../../lib/scanners/away-error.ts'
import { resultOf } from '../../support/tool-replies.ts'
import { worldAtSimulator } from '../../support/world-at-simulator.ts'
import { errorOf, startClient } from '../support/client.ts'
import { KEYS } from '../support/entry.ts'
import type { Script } from '../support/scripted-scanner.ts'

const SCAN = { name: 'Office', description: '', marker: 'ns_x', targets: '192.0.2.1', template: 'basic' }
const linkedTo = (scanners: unknown): Script => ({
  'GET /scanners': { json: { scanners } },
  'GET /folders': { json: { folders: [] } },
  'GET /scans': { json: { folders: [], scans: null } },
  'GET /editor/scan/templates': { json: { templates: [{ uuid: 'u', name: 'basic' }] } },
  'POST /scans': { json: { scan: { id: 5 } } },
})
const BOTH = [
  { id: 1, name: 'Local Scanner', status: 'on' },
  { id: 7, name: 'Branch', status: 'on' },
]

test.each([
  [undefined, 1],
  ['Branch', 7],
  ['BRANCH', 7],
  ['7', 7],
  ['Local Scanner', 1],
])('with linked_scanner %s a scan is made for the scanner %i', async (linkedScanner, id) => {
  const { client, scanner } = await startClient(
    linkedTo(BOTH),
    linkedScanner === undefined ? {} : { entry: { ...KEYS, linkedScanner } },
  )
  await client.create(SCAN)
  const [made] = scanner.seen.filter(({ method }) => method === 'POST')
  expect(JSON.parse(made?.body ?? '')).toMatchObject({ settings: { scanner_id: id } })
  expect(scanner.count('GET /scanners')).toBe(linkedScanner === undefined ? 0 : 1)
})

test.each([
  ['is away', [{ id: 7, name: 'Branch', status: 'off' }], 'Branch', /"Branch" is away \(off\); scans wait/],
  ['is not there', BOTH, 'Brunch', /no linked scanner "Brunch".*Branch.*correct linked_scanner/],
  ['is not the only one', [...BOTH, { id: 9, name: 'Branch' }], 'Branch', /several.*7, 9/],
  ['cannot be told of', null, 'Branch', /no linked scanner "Branch".*it has none/],
])('one that %s is waited for, and said', async (_what, scanners, linkedScanner, message) => {
  const { client, scanner } = await startClient(linkedTo(scanners), { entry: { ...KEYS, linkedScanner } })
  const waits = await errorOf(client.create(SCAN))
  expect(waits).toBeInstanceOf(ScannerAwayError)
  expect(waits.message).toMatch(message)
  expect(scanner.seen.filter(({ method }) => method === 'POST')).toEqual([])
})

test('an account that may not list them is told which role that takes', async () => {
  const forbidden = { status: 403, json: { error: 'You are not authorized to perform this request' } }
  const script = { ...linkedTo(BOTH), 'GET /scanners': forbidden }
  const { client } = await startClient(script, { entry: { ...KEYS, linkedScanner: 'Branch' } })
  expect((await errorOf(client.create(SCAN))).message).toMatch(
    /linked_scanner; that takes an account with the role Administrator/,
  )
})

test('a scan waits while the linked scanner is away, before it is made and before it is launched, and then runs there', async () => {
  const { world, simulator } = await worldAtSimulator({
    simulator: { linkedScanners: ['Branch', 'Depot'] },
    entry: { linkedScanner: 'Depot' },
  })
  const { control } = simulator
  const away = (isOn: boolean) => expect(control.linkedScanner('Depot', isOn)).toBe(true)
  away(false)
  const { task_id } = resultOf(await world.call('run_untrusted_scan', { targets: '192.0.2.1' }))
  const id = String(task_id)
  await world.settleDown()
  expect((await world.scan(id)).trouble?.message).toMatch(/linked scanner "Depot" is away/)
  expect(control.counts().totals.creates).toBe(0)
  away(true)
  world.clock.ms += 600_000
  await world.deliver('create')
  away(false)
  await world.settleDown()
  expect(control.counts().totals).toMatchObject({ creates: 1, launches: 0 })
  expect((await world.scan(id)).trouble?.message).toMatch(/linked scanner "Depot" is away/)
  away(true)
  await world.pass(900_000)
  expect(await world.scan(id)).toMatchObject({ status: 'completed' })
  expect(control.counts().totals).toMatchObject({ creates: 1, launches: 1 })
})

test('list_scanners tells which it is, and that it is away', async () => {
  const { world, simulator } = await worldAtSimulator({
    simulator: { linkedScanners: ['Depot'] },
    entry: { linkedScanner: 'Depot' },
  })
  const row = async () => (resultOf(await world.call('list_scanners', {}))['scanners'] as object[])[0]
  expect(await row()).toMatchObject({ linked_scanner: 'Depot', ready: true, problem: null })
  simulator.control.linkedScanner('Depot', false)
  expect(await row()).toMatchObject({ reachable: true, ready: false, problem: expect.stringContaining('Depot') })
})

test('it is configured by name or id', () => {
  const parse = (linked_scanner: unknown) =>
    parseConfiguration({
      text: JSON.stringify({
        lan: [{ instance_id: 'a', url: 'https://n', username: 'u', password: 'p', linked_scanner }],
      }),
      file: '/scanners.yaml',
      env: {},
      readFile: () => '',
    }).entries[0]?.linkedScanner
  expect([parse(' Branch '), parse(7)]).toEqual(['Branch', '7'])
  expect(() => parse(['Branch'])).toThrow(/linked_scanner: expected the name or the id/)
  expect(() => parse(' ')).toThrow(/linked_scanner: expected the name or the id/)
})
