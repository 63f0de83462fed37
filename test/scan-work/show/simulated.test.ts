/** What a simulated scanner reports is said to be made up, first of all, wherever it is read; also later, from the record. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SIMULATED, withSimulatedFirst } from '../../../lib/reports/judge/simulated.ts'
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
