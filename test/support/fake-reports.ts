/** A reports port in memory: keeps the text of each report, and judges it by a word or two in it. */
import { createHash } from 'node:crypto'
import { PermanentError, Refusal } from '../../lib/base/errors.ts'
import type { Expectation, ReportFacts } from '../../lib/reports/judge/report-facts.ts'
import type { Reports } from '../../lib/reports/reports.ts'

export interface FakeReports extends Reports {
  readonly texts: Map<string, string>
  /** With what each report was judged, last. */
  readonly expectations: Map<string, Expectation>
  /** The query of the last `query` call. */
  readonly queries: unknown[]
}

/** Stands in a report that cannot be parsed. */
export const DAMAGED = 'damaged'

export function makeFakeReports(): FakeReports {
  const texts = new Map<string, string>()
  const expectations = new Map<string, Expectation>()
  const queries: unknown[] = []
  const textOf = (taskId: string) => {
    const text = texts.get(taskId)
    if (text === undefined) throw new Refusal('not_found', `there is no report of ${taskId}`)
    return text
  }
  const unused = async (): Promise<never> => {
    throw new Error('this fake of the reports does not do that')
  }
  return {
    texts,
    expectations,
    queries,
    async receive(taskId, stream) {
      const chunks: Uint8Array[] = []
      for await (const chunk of stream) chunks.push(chunk)
      const bytes = Buffer.concat(chunks)
      texts.set(taskId, bytes.toString('utf8'))
      return { sizeBytes: bytes.length, sha256: sha256(bytes) }
    },
    replace: unused,
    async build(taskId, expectation = {}) {
      const text = textOf(taskId)
      if (expectation.sha256 !== undefined && expectation.sha256 !== sha256(text)) {
        throw new PermanentError(`the report of ${taskId} is not the one that was exported`)
      }
      if (text.includes(DAMAGED)) throw new PermanentError(`the report of ${taskId} is not well formed`)
      expectations.set(taskId, expectation)
      return factsOf(text, expectation)
    },
    facts: async (taskId) => factsOf(textOf(taskId), expectations.get(taskId) ?? {}),
    async query(taskId, query) {
      queries.push(query)
      textOf(taskId)
      const page = {
        total_vulnerabilities: 2,
        total_informational: 0,
        total_compliance: 0,
        total_pages: 1,
        page: 1,
        has_next: false,
      }
      return { text: '{"type":"schema"}', ...page }
    },
    async *stream() {},
    async *export() {},
    summarize: unused,
    host: unused,
    finding: unused,
    compare: unused,
    search: unused,
    ask: unused,
    askLatest: unused,
    ledger: {
      enter: async () => false,
      notEntered: async () => [],
      takeBack: async () => false,
      ask: unused,
      askOf: unused,
    },
    async native(taskId) {
      const text = textOf(taskId)
      return { path: `/reports/${taskId}`, sizeBytes: text.length, sha256: sha256(text) }
    },
    openNative: unused,
    async remove(taskId) {
      texts.delete(taskId)
    },
  }
}

function factsOf(text: string, expectation: Expectation): ReportFacts {
  return {
    file: { size_bytes: text.length, sha256: sha256(text) },
    report_name: 'fake',
    hosts_scanned: 1,
    total_findings: 3,
    total_vulnerabilities: 2,
    severity_breakdown: { critical: 1, high: 1, medium: 0, low: 0, info: 1 },
    compliance: { total: 0, results: {} },
    started_at: null,
    ended_at: null,
    duration_seconds: 60,
    hosts_known: [],
    policy: { name: null, port_range: null, scan_type: null, targets: [], families: {} },
    authentication_status: expectation.credentialsAsked === 'none' ? 'not_applicable' : 'success',
    authentication_hosts: [],
    authentication_counts: {},
    coverage: {
      targets_asked: expectation.targets?.count ?? null,
      hosts_seen: 1,
      hosts_without_findings: 0,
      hosts_unreachable: 0,
      hosts_unfinished: 0,
      unreachable: [],
      unfinished: [],
      targets_not_seen: [],
      targets_not_seen_count: 0,
      scan_status: expectation.scanStatus ?? 'completed',
    },
    validation_warnings: [],
    troubleshooting: null,
  }
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
