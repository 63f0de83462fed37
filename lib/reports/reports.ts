/**
 * The reports port: everything the system asks of scan results. A library over
 * one folder per task; it knows nothing of Redis, MCP or the bus.
 *
 * Invariants
 * 1. The report (`scan_native.nessus`) is the truth; the store is derived from it and may be rebuilt at any time.
 * 2. A store that is missing, of another format or damaged is rebuilt once per question, unseen by the caller.
 * 3. What is kept in memory across calls never exceeds `cacheBytesMax`.
 */
import type { Log } from '../base/log.ts'
import type { Expectation, ReportFacts } from './judge/report-facts.ts'
import { queryResults, type ResultsPage, type ScanMeta, streamResults } from './query/results.ts'
import type { ResultsQuery } from './query/results-query.ts'
import { makeReportShelf } from './report-shelf.ts'

export interface ReportsOptions {
  readonly dataDir: string
  /** Bytes of stores, texts and matches kept in memory across calls. */
  readonly cacheBytesMax: number
  readonly log: Log
}

export interface Reports {
  /** Parses the report once and writes its findings store. Throws a PermanentError with line and column on a bad file. */
  build(taskId: string, expectation?: Expectation): Promise<ReportFacts>
  facts(taskId: string): Promise<ReportFacts>
  query(taskId: string, query: ResultsQuery, meta?: Omit<ScanMeta, 'taskId'>): Promise<ResultsPage>
  /** Everything that matches, in pieces made on demand; lines end with a newline. */
  stream(taskId: string, query: ResultsQuery, meta?: Omit<ScanMeta, 'taskId'>): AsyncGenerator<string, void, void>
}

export function makeReports(options: ReportsOptions): Reports {
  const shelf = makeReportShelf(options)
  return {
    build: (taskId, expectation) => shelf.build(taskId, expectation ?? {}),
    facts: (taskId) => shelf.use(taskId, (report) => report.facts),
    query: (taskId, query, meta) => shelf.use(taskId, (report) => queryResults(report, query, { ...meta, taskId })),
    async *stream(taskId, query, meta) {
      const report = await shelf.use(taskId, (opened) => opened)
      yield* streamResults(report, query, { ...meta, taskId })
    },
  }
}
