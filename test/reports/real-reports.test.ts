/**
 * Goal: what we count in real reports is what an XML parser of another language
 * counted. Skipped where the shared reports are not there.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openWorkshop, hasShared, SHARED } from './support/workshop.ts'
import { findingLines } from './support/written-report.ts'

interface Expected {
  readonly error?: string
  readonly hosts: number
  readonly items: number
  readonly severity: Record<string, number>
  readonly unique_plugins: number
  readonly unique_cves: number
  readonly per_host: readonly { name: string; ip: string | null; items: number; credentialed_scan: string | null }[]
}

const answers = hasShared
  ? (JSON.parse(readFileSync(join(SHARED, 'expected.json'), 'utf8')) as Record<string, Expected>)
  : {}
const good = Object.entries(answers).filter(([, answer]) => answer.error === undefined)

describe.skipIf(!hasShared)('a real report', () => {
  test('of every kind is in the answer key', () => {
    expect(readdirSync(SHARED).filter((name) => name.endsWith('.nessus'))).toEqual(Object.keys(answers).sort())
  })

  test.each(good)('%s has the counts that another parser counted', async (name, answer) => {
    await using workshop = await openWorkshop()
    const taskId = await workshop.copy(join(SHARED, name))
    const facts = await workshop.reports.build(taskId)
    expect(facts.hosts_scanned).toBe(answer.hosts)
    expect(facts.total_findings).toBe(answer.items)
    const { critical, high, medium, low, info } = facts.severity_breakdown
    expect([info, low, medium, high, critical]).toEqual(
      ['0', '1', '2', '3', '4'].map((level) => answer.severity[level]),
    )

    const lines: Record<string, unknown>[] = []
    for await (const part of workshop.reports.stream(taskId, {
      customFields: ['id', 'host', 'host_ip', 'plugin_id', 'cve'],
    })) {
      lines.push(...findingLines(part))
    }
    expect(lines).toHaveLength(answer.items)
    expect(new Set(lines.map((line) => line['id'])).size).toBe(answer.items)
    expect(new Set(lines.map((line) => line['plugin_id'])).size).toBe(answer.unique_plugins)
    expect(new Set(lines.flatMap((line) => (line['cve'] as string[] | undefined) ?? [])).size).toBe(answer.unique_cves)
    for (const host of answer.per_host) {
      expect(lines.filter((line) => line['host'] === host.name)).toHaveLength(host.items)
    }
  })

  test.each([
    ['bad-malformed.nessus', 'line 1488, column 34: disallowed character'],
    ['bad-version1.nessus', 'version 1 format'],
    ['bad-wrong-root.nessus', 'expected the root element NessusClientData_v2, got NessusClientData_vwrong'],
  ])('%s is refused with where and why', async (name, message) => {
    await using workshop = await openWorkshop()
    const taskId = await workshop.copy(join(SHARED, name))
    await expect(workshop.reports.build(taskId)).rejects.toThrow(message)
  })

  test('with one host logged in and two refused is a partial login that names the key', async () => {
    await using workshop = await openWorkshop()
    const taskId = await workshop.copy(join(SHARED, 'heimdall2-mixed-credentials.nessus'))
    const facts = await workshop.reports.build(taskId, { credentialsAsked: 'authenticated' })
    expect(facts.authentication_status).toBe('partial')
    expect(facts.authentication_counts).toEqual({ success: 1, failed: 2 })
    expect(facts.troubleshooting?.likely_cause).toContain('private key')
    const failed = facts.authentication_hosts.find((host) => host.host === '10.0.0.1')
    expect(failed?.evidence).toContainEqual(expect.objectContaining({ plugin_id: 104_410, port: 22 }))
  })

  test.each(good)('%s has a summary under 4,000 characters', async (name) => {
    await using workshop = await openWorkshop()
    const taskId = await workshop.copy(join(SHARED, name))
    expect(JSON.stringify(await workshop.reports.summarize(taskId)).length).toBeLessThan(4000)
  })

  test('compared with itself has only persisting findings', async () => {
    await using workshop = await openWorkshop()
    const [before, after] = [join(SHARED, 'goad.nessus'), join(SHARED, 'goad.nessus')]
    const comparison = await workshop.reports.compare(await workshop.copy(before), await workshop.copy(after))
    expect(comparison.counts).toEqual({
      new: 0,
      new_on_new_hosts: 0,
      fixed: 0,
      persisting: 117,
      severity_changed: 0,
      not_retested: 0,
      compliance_changed: 0,
      compliance_persisting: 0,
      compliance_not_retested: 0,
      hosts_added: 0,
      hosts_gone: 0,
      hosts_in_both: 5,
    })
  })

  test('has 587 KB of output that is read whole in slices', async () => {
    await using workshop = await openWorkshop()
    const taskId = await workshop.copy(join(SHARED, 'pytenable-credentialed.nessus'))
    const lines = findingLines(
      (await workshop.reports.query(taskId, { page: 0, customFields: ['id', 'plugin_output'] })).text,
    )
    const longest = lines.sort((a, b) => String(b['plugin_output']).length - String(a['plugin_output']).length)[0]
    let text = ''
    let offset: number | null = 0
    while (offset !== null) {
      const part = await workshop.reports.finding(taskId, String(longest?.['id']), {
        field: 'plugin_output',
        offset,
        chars: 30_000,
      })
      text += String(part.finding['plugin_output'])
      offset = part.slices[0]?.next_offset ?? null
    }
    expect(text.length).toBeGreaterThan(500_000)
    expect(text).toBe(longest?.['plugin_output'])
  })
})
