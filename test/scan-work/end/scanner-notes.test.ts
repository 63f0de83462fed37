/** What the scanner notes of a run by itself, and what its licence may have left out, stand in front of the results. */
import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { Expectation } from '../../../lib/reports/judge/report-facts.ts'
import { expectationOf } from '../../../lib/runtime/expectation-of.ts'
import { scannerWarnings } from '../../../lib/reports/judge/scanner-warnings.ts'
import { stateOf } from '../../../lib/scanners/nessus/scan-answers.ts'
import { openWorkshop } from '../../reports/support/workshop.ts'
import { writtenReport } from '../../reports/support/written-report.ts'
import { runningScan } from '../../support/scan-record.ts'
import { resultOf } from '../../support/tool-replies.ts'
import { worldAtSimulator } from '../../support/world-at-simulator.ts'

test('notes are counted, and the first of them kept in the scanner’s words; what is none counts as none', () => {
  const told = (notes: unknown) =>
    stateOf({ info: { status: 'running' }, hosts: [], history: [], notes } as never).notes
  expect(told([{ title: 'License Limitation', message: 'Hosts\n were\u0007 dropped' }])).toEqual({
    count: 1,
    said: ['License Limitation: Hosts were dropped'],
  })
  const many = told(Array.from({ length: 9 }, (_, n) => ({ message: `note ${n}` })))
  expect([many?.count, many?.said.length]).toEqual([9, 5])
  expect(told([{ message: 'x'.repeat(1000) }])?.said[0]).toHaveLength(300)
  for (const none of [null, undefined, [], [null, {}, { title: '' }]]) expect(told(none)).toBeUndefined()
})

test('a licence that leaves hosts out is told while the scan runs, and kept', async () => {
  const simulator = { licensedHosts: 4, scanSeconds: 60 }
  const { world } = await worldAtSimulator({ simulator })
  const { task_id } = resultOf(await world.call('run_untrusted_scan', { targets: '192.0.2.0/28' }))
  const id = String(task_id)
  for (const step of ['admit', 'create', 'launch', 'poll']) await world.deliver(step)
  const status = resultOf(await world.call('get_scan_status', { task_id: id }))
  expect(status).toMatchObject({ status: 'running' })
  const warnings = status['validation_warnings'] as string[]
  expect(warnings.at(-1)).toMatch(/The scanner has one note on this scan: "License Limitation: .*12 of 16/)
  expect(status['untrusted_text']).toContain('validation_warnings')
  expect(await world.scan(id)).toMatchObject({
    scanner_notes: { count: 1 },
    made_there: { licensed_hosts: 4, licensed_hosts_used: 0 },
  })
})

test('a run that was taken in brings its notes too', async () => {
  const { world, people } = await worldAtSimulator({ simulator: { licensedHosts: 2 } })
  const id = people.makeScan({ targets: '192.0.2.0/29' })
  people.ranBefore(id, { times: 1 })
  const { task_id } = resultOf(await world.call('adopt_scan', { scanner_scan_id: id }))
  await world.settleDown()
  expect(await world.scan(String(task_id))).toMatchObject({ status: 'completed', scanner_notes: { count: 1 } })
})

test('the results say both, also when they are built anew from the report', async () => {
  await using workshop = await openWorkshop()
  const scan = runningScan({
    targets: { text: '192.0.2.0/28', count: 16, hosts: ['192.0.2.0/28'] },
    made_there: { licensed_hosts: 4, licensed_hosts_used: 2 },
    scanner_notes: { count: 7, said: ['License Limitation: 12 hosts'] },
  })
  const hosts = [1, 2, 3].map((n) => ({ name: `192.0.2.${n}`, items: [{}] }))
  const report = writtenReport(hosts)
  const id = await workshop.put(report)
  const sha256 = createHash('sha256').update(report).digest('hex')
  const first = await workshop.reports.build(id, expectationOf(scan, sha256))
  const [note, licence] = first.validation_warnings
  expect(note).toBe('The scanner has 7 notes on this scan: "License Limitation: 12 hosts". And 6 more, at the scanner.')
  expect(licence).toMatch(/^16 addresses were asked for, .*covers 4 hosts \(2 used up before\): the report has 3/)
  const kept = v.parse(Expectation, JSON.parse(JSON.stringify(expectationOf(scan, sha256))))
  expect((await workshop.reports.build(id, kept)).validation_warnings).toEqual(first.validation_warnings)
})

test.each([
  ['fewer addresses than the licence covers', { licence: { hosts: 16 }, targets: 16, seen: 16 }, false],
  ['fewer hosts answered than it covers', { licence: { hosts: 16, used: 0 }, targets: 256, seen: 9 }, false],
  ['as many as it covers', { licence: { hosts: 16, used: 0 }, targets: 256, seen: 16 }, true],
  ['as many as were left', { licence: { hosts: 16, used: 10 }, targets: 256, seen: 6 }, true],
  ['how many were used is not told', { licence: { hosts: 16 }, targets: 256, seen: 16 }, true],
  ['the licence is not told', { licence: undefined, targets: 256, seen: 16 }, false],
])('of %s', (_what, { licence, targets, seen }, isWarned) => {
  const expectation = { targets: { count: targets, list: [] }, ...(licence && { licence }) }
  expect(scannerWarnings(expectation, seen)).toHaveLength(isWarned ? 1 : 0)
})
