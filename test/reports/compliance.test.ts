/** Goal: the three written forms of compliance checks are one kind of finding, apart from vulnerabilities in every count. */
import { expect, test } from 'vitest'
import { openWorkshop } from './support/workshop.ts'
import { findingLines, metadataLine, schemaLine, writtenReport, type WrittenItem } from './support/written-report.ts'

const tenableIo: WrittenItem = {
  protocol: '',
  svc: 'unknown',
  severity: 3,
  pluginId: 21_157,
  family: 'Policy Compliance',
  children: [
    ['cm:compliance-check-id', 'abc'],
    ['cm:compliance-check-name', '1.1 Minimum password length'],
    ['cm:compliance-actual-value', '6'],
    ['cm:compliance-policy-value', '14'],
    ['cm:compliance-result', 'FAILED'],
    ['description', '"1.1 Minimum password length" : [FAILED]\n\nLong explanation'],
  ],
}
const nessus4: WrittenItem = {
  severity: 1,
  pluginId: 21_157,
  family: 'Policy Compliance',
  children: [['description', '"2.2 Disable telnet" : [PASSED]\n\nBody']],
}
const nessus6: WrittenItem = {
  severity: 2,
  pluginId: 21_156,
  family: 'Policy Compliance',
  children: [
    ['compliance', 'true'],
    ['cm:compliance-check-name', '3.3 Audit logon'],
    ['cm:compliance-result', 'WARNING'],
    ['cm:compliance-benchmark-name', 'CIS'],
  ],
}
const vulnerability: WrittenItem = {
  severity: 4,
  pluginId: 1,
  children: [['description', '"x" : [FAILED] is only text']],
}
const summary: WrittenItem = {
  severity: 0,
  pluginId: 2,
  family: 'Policy Compliance',
  children: [['description', 'Audit ran.']],
}
const items = [tenableIo, nessus4, nessus6, vulnerability, summary]

test('a check of severity 0 is a check, and no informational item', async () => {
  await using workshop = await openWorkshop()
  const check = { ...nessus6, severity: 0 }
  const taskId = await workshop.put(writtenReport([{ name: 'h', items: [check, summary] }]))
  expect(schemaLine((await workshop.reports.query(taskId, {})).text)).toMatchObject({
    total_vulnerabilities: 0,
    total_informational: 1,
    total_compliance: 1,
  })
  expect(await workshop.reports.summarize(taskId)).toMatchObject({ total_informational: 1, compliance: { total: 1 } })
  let informational = 0
  const { each, total } = await workshop.reports.search(taskId, {})
  each((match) => (informational += Number(match.informational)))
  expect([total, informational]).toEqual([2, 1])
})

test('all three forms are told apart from vulnerabilities', async () => {
  await using workshop = await openWorkshop()
  const taskId = await workshop.put(writtenReport([{ name: 'h', items }]))
  const facts = await workshop.reports.build(taskId)
  expect(facts.compliance).toEqual({ total: 3, results: { FAILED: 1, PASSED: 1, WARNING: 1 } })
  expect(facts.severity_breakdown).toEqual({ critical: 1, high: 0, medium: 0, low: 0, info: 1 })
  expect(facts.total_vulnerabilities).toBe(1)

  const { text } = await workshop.reports.query(taskId, {
    customFields: ['compliance_check_name', 'compliance_result', 'compliance_actual_value', 'finding_type'],
    filters: { finding_type: 'compliance' },
  })
  expect(schemaLine(text)).toMatchObject({ total_vulnerabilities: 0, total_compliance: 3 })
  expect(metadataLine(text)['compliance']).toMatchObject({ total: 3 })
  expect(findingLines(text)).toEqual([
    expect.objectContaining({
      type: 'compliance',
      compliance_check_name: '1.1 Minimum password length',
      compliance_actual_value: '6',
    }),
    expect.objectContaining({ compliance_check_name: '3.3 Audit logon', compliance_result: 'WARNING' }),
    expect.objectContaining({ compliance_check_name: '2.2 Disable telnet', compliance_result: 'PASSED' }),
  ])
})

test('checks of one plugin have ids of their own, and a changed result is reported as such', async () => {
  await using workshop = await openWorkshop()
  const passed = {
    ...tenableIo,
    severity: 1,
    children: tenableIo.children?.map(([name, text]) => [name, text.replace('FAILED', 'PASSED')] as const) ?? [],
  }
  const before = await workshop.put(writtenReport([{ name: 'h', items }]))
  const after = await workshop.put(
    writtenReport([{ name: 'h', items: [nessus4, passed, nessus6, vulnerability, summary] }]),
  )
  const comparison = await workshop.reports.compare(before, after)
  expect(comparison.counts).toMatchObject({
    new: 0,
    fixed: 0,
    severity_changed: 0,
    compliance_changed: 1,
    persisting: 1,
  })
  expect(comparison.compliance_changed[0]).toMatchObject({
    check_name: '1.1 Minimum password length',
    result_before: 'FAILED',
    result: 'PASSED',
  })
  expect(comparison.counts.compliance_persisting).toBe(2)
})

test('checks that the newer scan did not run are not retested, by name and with why', async () => {
  await using workshop = await openWorkshop()
  const { reports } = workshop
  const before = await workshop.put(writtenReport([{ name: 'h', items: [tenableIo, nessus6, nessus4] }]))
  const without = await workshop.put(writtenReport([{ name: 'H', items: [nessus4, vulnerability] }]))
  const { counts, compliance_not_retested, compliance_not_retested_reasons } = await reports.compare(before, without)
  expect(counts).toMatchObject({ compliance_not_retested: 2, compliance_persisting: 1, fixed: 0 })
  expect(compliance_not_retested_reasons).toEqual({ audit_not_run: 1, check_not_run: 1 })
  expect(compliance_not_retested.map((check) => check.check_name).sort()).toEqual([
    '1.1 Minimum password length',
    '3.3 Audit logon',
  ])
})

test('a check whose id changed with its audit is known by its name', async () => {
  await using workshop = await openWorkshop()
  const revised = {
    ...tenableIo,
    children: tenableIo.children?.map(([name, text]) => [name, text.replace('abc', 'xyz')] as const) ?? [],
  }
  const before = await workshop.put(writtenReport([{ name: 'h', items: [tenableIo] }]))
  const after = await workshop.put(writtenReport([{ name: 'h', items: [revised] }]))
  expect((await workshop.reports.compare(before, after)).counts).toMatchObject({
    compliance_persisting: 1,
    compliance_changed: 0,
    compliance_not_retested: 0,
  })
})
