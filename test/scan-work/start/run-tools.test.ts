/** The four tools that start a scan, from a good call to its end, and every kind of bad one. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse, type House } from '../../support/house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house?.close())

const LOGIN = { username: 'audit', password: 'pw' }
const RUN_TOOLS = [
  ['run_untrusted_scan', {}, 'untrusted'],
  ['run_trusted_scan', LOGIN, 'authenticated'],
  ['run_authenticated_scan', { ...LOGIN, scan_type: 'authenticated' }, 'authenticated'],
  ['run_privileged_scan', { ...LOGIN, escalation_method: 'sudo' }, 'authenticated_privileged'],
] as const

describe.each(RUN_TOOLS)('%s', (tool, own, scanType) => {
  const good = { targets: '192.0.2.1, 192.0.2.4-5\n192.0.2.1', name: 'n', ...own }

  test('starts a scan that completes, and counts each target once', async () => {
    const started = await house.result(tool, good)
    expect(started).toMatchObject({
      status: 'queued',
      scan_type: scanType,
      scanner_pool: 'nessus',
      scanner_instance: 'quick',
      queue_position: 1,
      targets: { count: 3 },
      idempotent: false,
      scan_name: 'n',
    })
    expect(started['task_id']).toMatch(/^ns_quick_\d{8}_\d{6}_[0-9a-f]{8}$/)
    expect(started['next']).toContain(started['task_id'])
    expect(await house.ended(String(started['task_id']))).toMatchObject({ status: 'completed', scan_type: scanType })
  })

  test.each([
    ['two names', { scan_name: 'another' }, ['scan_name'], /name and scan_name differ/],
    ['no targets', { targets: undefined }, ['targets'], /targets: .*expected/i],
    ['an empty target', { targets: ' , ' }, ['targets'], /targets/],
    ['a malformed target', { targets: '192.0.2.300' }, ['targets'], /192\.0\.2\.300/],
    ['too many targets', { targets: '10.0.0.0/8' }, ['targets'], /expected at most 65536 hosts.*got 16777216/],
    ['an unknown argument', { target: '192.0.2.1' }, ['target'], /has no argument target.*did you mean targets/],
    [
      'an unknown profile',
      { schema_profile: 'breif' },
      ['schema_profile'],
      /schema_profile: .*"minimal".*got|received "breif"/,
    ],
    ['a priority as text', { priority: 'high' }, ['priority'], /priority: .*number.*"high"/],
    ['too high a priority', { priority: 11 }, ['priority'], /priority: .*10.*11/],
    [
      'an unknown pool',
      { scanner_pool: 'slwo' },
      ['scanner_pool'],
      /no scanner pool "slwo".*slow.*Pools: nessus, slow/,
    ],
    ['an unknown scanner', { scanner_instance: 'quik' }, ['scanner_instance'], /no scanner "quik".*quick/],
    ['another type of scanner', { scanner_type: 'openvas' }, ['scanner_type'], /scanner_type: .*"nessus".*"openvas"/],
    ['debug_mode as text', { debug_mode: 'yes' }, ['debug_mode'], /debug_mode: .*boolean.*"yes"/],
  ])('refuses %s, naming the argument, what was expected and what came', async (_what, bad, names, message) => {
    const before = (await house.result('list_tasks', {}))['total']
    const refused = await house.refusal(tool, { ...good, ...bad })
    expect(refused).toMatchObject({ http: 400, code: 'invalid_argument', arguments: names })
    expect(refused.message).toMatch(message)
    expect((await house.result('list_tasks', {}))['total']).toBe(before)
  })
})

test.each([
  ['without a name', {}],
  ['with an empty one', { name: '' }],
  ['with null', { name: null, scan_name: null }],
  ['with spaces', { name: '  ' }],
])('a scan %s is named after its targets', async (_what, name) => {
  const started = await house.result('run_untrusted_scan', { targets: '192.0.2.1, 192.0.2.7-9', ...name })
  expect(started['scan_name']).toMatch(/^Scan of 192\.0\.2\.1/)
})

test('scan_name stands for name, and equal ones agree', async () => {
  const { name: _, ...unnamed } = { targets: '192.0.2.1', name: '' }
  const first = await house.result('run_untrusted_scan', { ...unnamed, scan_name: 'older' })
  expect(await house.result('get_scan_status', { task_id: first['task_id'] })).toMatchObject({ name: 'older' })
  const both = await house.result('run_untrusted_scan', { ...unnamed, scan_name: 'same', name: 'same' })
  expect(both).toMatchObject({ scan_name: 'same' })
})

test('a template that the scanner does not have fails the scan with the names it has', async () => {
  const taskId = await house.start({ template: 'bascic' })
  const { status, error, error_message } = await house.ended(taskId)
  expect(status).toBe('failed')
  expect(error).toMatchObject({ step: 'create', message: expect.stringMatching(/bascic.*basic/) as string })
  expect(error_message).toBe((error as { message: string }).message)
})

test('debug_mode leaves a log of the talk with the scanner beside the results', async () => {
  const { readFileSync } = await import('node:fs')
  const taskId = await house.start({ debug_mode: true })
  await house.ended(taskId)
  expect(readFileSync(`${house.dataDir}/${taskId}/scanner_logs/nessus_api.log`, 'utf8')).toMatch(/"call":"launch"/)
})

test('a body that is no JSON object is refused', async () => {
  for (const body of ['{"targets":', '[]', '"x"']) {
    const response = await fetch(`${house.url}/tools/run_untrusted_scan`, { method: 'POST', body })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('The body must be the arguments as a JSON object')
  }
})
