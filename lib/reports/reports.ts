/**
 * The reports port: everything the system asks of scan results. A library over
 * one folder per task; it knows nothing of Redis, MCP or the bus.
 *
 *   RP1. The report (`scan_native.nessus`) is the truth; the store is derived from it and may be rebuilt at any time.
 *   RP2. A store that is missing, of another format or damaged is rebuilt, unseen by the caller.
 *
 * What is kept in memory across calls is bounded by `cacheBytesMax`, and a quarter of it for the ledger: store/byte-cache.ts.
 */
import { rm, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { makeDataFolder } from '../base/data-folder.ts'
import { PermanentError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Comparison, HostLooks, FindingAnswer, ReportSummary } from './ask/answers.ts'
import { type CompareOptions, compareReports } from './ask/compare-reports.ts'
import { lookAtHost } from './ask/one-host.ts'
import { oneFinding, type SliceRequest } from './ask/one-finding.ts'
import { type SearchCriteria, searchReport, type SearchResult } from './ask/search-report.ts'
import { summarizeReport } from './ask/summarize-report.ts'
import { checkReadable } from './check-readable.ts'
import { measureNative, type NativeOnDisk, openNative } from './files/native-report.ts'
import { type Received, type ReceiveLimits, receiveReport } from './files/receive-report.ts'
import { type TaskFolder, taskFolder } from '../facts/task-folder.ts'
import type { Expectation, ReportFacts } from './judge/report-facts.ts'
import { type Ledger, makeLedger } from './ledger/ledger.ts'
import { type Asking, makeAsking } from './latest/asking.ts'
import { makeLatestLooks } from './latest/latest-looks.ts'
import type { ExportName } from '../facts/export-formats.ts'
import { exportReport } from './export/export-report.ts'
import { type OpenReport, queryResults, type ResultsPage, type ScanMeta, streamResults } from './query/results.ts'
import type { ReportQuery } from './query/results-query.ts'
import { makeReportShelf, type ReportShelf } from './report-shelf.ts'
import { StoreUnusable } from './store/format.ts'

/** Of the memory for reports, what the ledger may keep beside them. */
const LEDGER_SHARE = 0.25

export interface ReportsOptions {
  readonly dataDir: string
  /** Bytes of stores, texts and matches kept in memory across calls. */
  readonly cacheBytesMax: number
  readonly log: Log
}

/** What the caller knows of the scan and the report does not. */
export type KnownOfScan = Omit<ScanMeta, 'taskId'>

/** Every method refuses what is not a task id, and answers `not_found` for a task without a report. */
export interface Reports extends Asking {
  /** What has become of every finding, over all scans that ever were. */
  readonly ledger: Ledger
  /** Writes the report of a task, whole or not at all. A build that was there is forgotten. */
  receive(taskId: string, stream: AsyncIterable<Uint8Array>, limits: ReceiveLimits): Promise<Received>
  /** As {@link receive}, for a report that is there: it stays when what comes cannot be parsed, which throws a PermanentError. */
  replace(taskId: string, stream: AsyncIterable<Uint8Array>, limits: ReceiveLimits): Promise<Received>
  /** Parses the report once and writes its findings store. Throws a PermanentError with line and column on a bad file. */
  build(taskId: string, expectation?: Expectation): Promise<ReportFacts>
  facts(taskId: string): Promise<ReportFacts>
  /** One page of results as JSON-NL, or everything (up to 8 MiB) for page 0. */
  query(taskId: string, query: ReportQuery, scan?: KnownOfScan): Promise<ResultsPage>
  /** Everything that matches as JSON lines, in pieces made on demand. A damaged store breaks it off: ask again. */
  stream(taskId: string, query: ReportQuery, scan?: KnownOfScan): AsyncGenerator<string, void, void>
  /** As {@link stream}, in one of the formats. */
  export(
    taskId: string,
    query: ReportQuery,
    as: ExportName,
    scan?: KnownOfScan,
  ): AsyncGenerator<string | Uint8Array, void, void>
  /** Under 4,000 characters as JSON. */
  summarize(taskId: string, scan?: KnownOfScan): Promise<ReportSummary>
  /** How the host that goes by `host` (any name or address) was reached and logged in to, with the evidence. */
  host(taskId: string, host: string): Promise<HostLooks>
  /** One finding whole, or one slice of one of its texts. */
  finding(taskId: string, findingId: string, slice?: SliceRequest): Promise<FindingAnswer>
  compare(oldTaskId: string, newTaskId: string, options?: CompareOptions): Promise<Comparison>
  /** Opens no long text, so that many reports can be searched in turn. */
  search(taskId: string, criteria: SearchCriteria): Promise<SearchResult>
  /** Where the report is, its size and digest; also for a report that cannot be parsed. */
  native(taskId: string): Promise<NativeOnDisk>
  /** The report's bytes. The caller consumes or destroys the stream. */
  openNative(taskId: string): Promise<Readable>
  /** Deletes the task's whole folder; already gone is not an error. */
  remove(taskId: string): Promise<void>
}

export function makeReports(options: ReportsOptions): Reports {
  const shelf = makeReportShelf(options)
  const folderOf = (taskId: string): ReturnType<typeof taskFolder> => taskFolder(options.dataDir, taskId)
  const { reading, writing } = makeDataFolder(options.dataDir)
  const use: typeof shelf.use = (taskId, ask) => reading(() => shelf.use(taskId, ask))
  const latest = makeLatestLooks(options.dataDir, { ...shelf, use }, options.log)
  const ledger = makeLedger({ ...options, cacheBytesMax: options.cacheBytesMax * LEDGER_SHARE, use })
  const receive: Reports['receive'] = (taskId, stream, limits) =>
    writing(async () => {
      const received = await receiveReport(folderOf(taskId), stream, limits)
      shelf.forget(taskId)
      return received
    })
  async function* streaming<T>(taskId: string, write: (report: OpenReport) => AsyncGenerator<T, void, void>) {
    const report = await use(taskId, (opened) => opened)
    try {
      yield* write(report)
    } catch (error) {
      // Some of the answer is on its way already, so it cannot begin again by itself.
      if (error instanceof StoreUnusable) await shelf.spoil(taskId)
      throw error
    }
  }
  return {
    receive,
    replace: (taskId, stream, limits) => receive(taskId, stream, { ...limits, check: checkReadable }),
    build: (taskId, expectation) => writing(() => shelf.build(taskId, expectation ?? {})),
    facts: (taskId) => use(taskId, (report) => report.facts),
    query: (taskId, query, scan) => use(taskId, (report) => queryResults(report, query, { ...scan, taskId })),
    stream: (taskId, query, scan) => streaming(taskId, (report) => streamResults(report, query, { ...scan, taskId })),
    export: (taskId, query, format, scan) =>
      streaming(taskId, (report) => exportReport(report, query, { format, meta: { ...scan, taskId } })),
    summarize: (taskId, scan) => use(taskId, (report) => summarizeReport(report, { ...scan, taskId })),
    host: (taskId, host) => shelf.use(taskId, (report) => lookAtHost(report, host)),
    finding: (taskId, findingId, slice) => use(taskId, (report) => oneFinding(report, findingId, slice)),
    compare: (oldTaskId, newTaskId, compareOptions) =>
      use(oldTaskId, (before) => use(newTaskId, (after) => compareReports(before, after, compareOptions))),
    search: (taskId, criteria) => use(taskId, (report) => searchReport(report, criteria)),
    ...makeAsking({ use, latest, log: options.log }),
    ledger: {
      enter: (scan) => writing(() => ledger.enter(scan)),
      notEntered: (scans) => reading(() => ledger.notEntered(scans)),
      takeBack: (taskId, how) => writing(() => ledger.takeBack(folderOf(taskId).taskId, how)),
      ask: (question, now) => reading(() => ledger.ask(question, now)),
      askOf: (scans, question, now) => reading(() => ledger.askOf(scans, question, now)),
    },
    native: (taskId) => reading(() => native(folderOf(taskId), shelf)),
    openNative: (taskId) => reading(async () => openNative(folderOf(taskId))),
    remove: (taskId) =>
      writing(async () => {
        const folder = folderOf(taskId)
        shelf.forget(taskId)
        // Somebody may be writing a last snapshot into it: then it is tried again.
        await rm(folder.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
        await latest.forget(taskId)
      }),
  }
}

async function native(folder: TaskFolder, shelf: ReportShelf): Promise<NativeOnDisk> {
  try {
    const { file } = await shelf.use(folder.taskId, (report) => report.facts)
    const { size } = await stat(folder.native)
    if (size === file.size_bytes) return { path: folder.native, sizeBytes: size, sha256: file.sha256 }
  } catch (error) {
    if (!(error instanceof PermanentError) && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return measureNative(folder)
}
