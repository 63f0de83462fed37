/** What a simulated scanner reports is said to be made up, first of all, wherever it is read; also later, from the record. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SIMULATED, withSimulatedFirst } from '../../../lib/reports/judge/simulated.ts'
import { simulatedFirst } from '../../../lib/scan-work/show/simulated-scans.ts'
import { openHouse, scanner, type House } from '../../support/house.ts'
import { personAt } from '../../support/person.ts'

let house: House
beforeAll(async () => {
  house = await openHouse({
    config: ({ quick, slow }) => ({ nessus: [scanner('quick')(quick), scanner('slow')(slow)] }),
  })
})
afterAll(() => house?.close())

const firstOf = (warnings: unknown) => (warnings as string[])[0]

test('a scan made there, and one that a person made and was adopted, begin all their warnings with it', async () => {
  const made = await house.result('run_untrusted_scan', {
    targets: '192.0.2.1',
    name: 'made',
    scanner_instance: 'quick',
  })
  const byHand = await personAt(house.quick).makeScan({ name: 'by hand', launch: true })
  const adopted = await house.result('adopt_scan', { scanner_instance: 'quick', scanner_scan_id: byHand })
  const ids = [String(made['task_id']), String(adopted['task_id'])]
  for (const task_id of ids) {
    expect(firstOf((await house.ended(task_id))['validation_warnings'])).toBe(SIMULATED)
    expect(firstOf((await house.result('summarize_scan', { task_id }))['warnings'])).toBe(SIMULATED)
    const { text } = (await house.result('get_scan_results', { task_id })) as { text: string }
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; warnings?: string[] })
    expect(firstOf(lines.find(({ type }) => type === 'scan_metadata')?.warnings)).toBe(SIMULATED)
  }
  const [old_task_id, new_task_id] = ids
  expect(firstOf((await house.result('compare_scans', { old_task_id, new_task_id }))['warnings'])).toBe(SIMULATED)
})

test('whatever else is asked about such scans begins its warnings with it, and a list says it of each', async () => {
  const { task_id } = await house.result('run_untrusted_scan', {
    targets: '192.0.2.3',
    name: 'asked',
    scanner_instance: 'quick',
  })
  await house.ended(String(task_id))
  const { findings } = (await house.result('search_findings', { severity_min: 0 })) as {
    findings: { id: string; last_task_id: string }[]
  }
  const [one] = findings
  const asked: readonly (readonly [string, object])[] = [
    ['search_findings', { severity_min: 0 }],
    ['query_findings', { scan: String(task_id) }],
    ['query_findings', {}],
    ['get_finding', { task_id: one!.last_task_id, finding_id: one!.id }],
    ['get_scan_settings', { task_id }],
    ['download_native_scan', { task_id }],
    ['list_tasks', {}],
    ['list_scans', {}],
  ]
  for (const [tool, args] of asked) {
    const result = await house.result(tool, args)
    const said = { tool, key: Object.keys(result)[0], first: firstOf(result['warnings']) }
    expect(said).toEqual({ tool, key: 'warnings', first: SIMULATED })
  }
  const { tasks } = (await house.result('list_tasks', {})) as { tasks: { simulated: boolean }[] }
  expect(new Set(tasks.map(({ simulated }) => simulated))).toEqual(new Set([true]))
})

test('of several scans it says which, and of others nothing', () => {
  const made = { task_id: 'ns_a', made_there: { simulated: true as const } }
  expect(simulatedFirst([made])).toEqual({ warnings: [SIMULATED] })
  expect(simulatedFirst([made, { task_id: 'ns_b' }]).warnings).toEqual([
    SIMULATED,
    'That is true of 1 of the 2 scans asked: ns_a.',
  ])
  expect(simulatedFirst([{ task_id: 'ns_b' }])).toEqual({})
})

test('a scan that still runs there says so too', async () => {
  const { task_id } = await house.result('run_untrusted_scan', {
    targets: '192.0.2.2',
    name: 'long',
    scanner_instance: 'slow',
  })
  const status = await house.until(String(task_id), ({ step }) => step === 'scanning')
  expect(status['validation_warnings']).toEqual([SIMULATED])
})

test('it is said once, and of nothing else', () => {
  expect(withSimulatedFirst(true, ['partial', SIMULATED])).toEqual([SIMULATED, 'partial'])
  expect(withSimulatedFirst(false, ['partial'])).toEqual(['partial'])
})
