/**
 * The client of a nessus-mcp gateway, for programs.
 *
 *   await using client = new NessusClient({ url: 'http://127.0.0.1:8836/mcp' })
 *   const { task_id } = await client.submitScan({ targets: '192.0.2.0/28', name: 'Weekly' })
 *   const status = await client.waitForCompletion(task_id)
 *
 * It connects when first used. Reads are repeated when the connection breaks; a
 * run tool only when it carries an idempotency key.
 */
import { defined } from '../base/defined.ts'
import { type Arguments, type CallOptions, mayRepeat, type Result, type ToolName } from './call.ts'
import { DEFAULT_URL, endpointOf } from './endpoint.ts'
import {
  type GatewayFiles,
  makeGatewayFiles,
  type NativeReport,
  type ReportUpload,
  type ResultsExport,
} from './gateway-files.ts'
import { ToolMethods } from './generated/tool-methods.ts'
import { makeSession, type Session, type ToolDescription } from './mcp-session.ts'
import { readRefusal } from './refusal.ts'
import { RETRY, type RetryOptions, withRetries } from './retry.ts'
import { runCall, type ScanRequest } from './scan-request.ts'
import { type Finding, parseResults, type ScanResults } from './scan-results.ts'
import { ToolError } from './errors.ts'
import type { RunResult, ScanStatus } from './tool-results.ts'
import { type AskStatus, waitForCompletion, type WaitOptions } from './wait-for-completion.ts'
import { withinTime } from './within-time.ts'

export interface NessusClientOptions {
  /** The gateway, or its MCP endpoint. Default: `http://127.0.0.1:8836/mcp`. */
  readonly url?: string | URL | undefined
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string | undefined
  readonly fetch?: typeof fetch
  readonly retry?: Partial<RetryOptions>
  /** How long one call may take, with all its attempts, where the call does not say. Default: 90 s. */
  readonly timeoutMs?: number
  /** How this program is named in the gateway's log. */
  readonly clientInfo?: { readonly name: string; readonly version: string }
}

/** Arguments of get_scan_results but for the scan. */
export type ResultsQuery = Omit<Arguments<'get_scan_results'>, 'task_id'>

export interface VulnerabilitySummary {
  readonly task_id: string
  readonly scan_name: string
  readonly hosts: number
  /** Informational findings not counted. */
  readonly total_vulnerabilities: number
  readonly severity_breakdown: Readonly<Record<string, number>>
  /** Whether credentials worked; a scan that could not log in sees little. */
  readonly authentication_status: string
  readonly coverage: Readonly<Record<string, unknown>>
  readonly warnings: readonly string[]
}

/** A program has room for longer pages than a model. */
const PAGE_SIZE = 100
const PAGE_CHARS = 8 * 1024 * 1024
/** Findings that are returned as one list. */
const LIST_MAX = 10_000
/** Longer than the 45 s that a status call may wait. */
const TIMEOUT_MS = 90_000
const UPLOAD_TIMEOUT_MS = 3_600_000

export class NessusClient extends ToolMethods implements AsyncDisposable {
  readonly #session: Session
  readonly #files: GatewayFiles
  readonly #retry: RetryOptions
  readonly #timeoutMs: number
  readonly #url: string

  /** Throws TypeError when `url` is no http address. */
  constructor(options: NessusClientOptions = {}) {
    super()
    const { url = DEFAULT_URL, token, retry, clientInfo } = options
    // A browser's own fetch must not be called as a method of something else.
    const fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
    const endpoint = endpointOf(url)
    const info = clientInfo ?? { name: 'nessus-mcp-client', version: '1' }
    this.#session = makeSession({ url: endpoint.mcp, token, fetch, clientInfo: info })
    this.#files = makeGatewayFiles({ endpoint, token, fetch })
    this.#retry = { ...RETRY, ...retry }
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS
    this.#url = endpoint.mcp.href
  }

  /** Connects now rather than with the first call. Throws ConnectionError, or ToolError `unauthenticated`. */
  async connect(options: CallOptions = {}): Promise<this> {
    await this.#bounded('connect', options, (signal) => this.#session.open(signal))
    return this
  }

  /** Ends the connection. Scans go on. A later call connects again. */
  async close(): Promise<void> {
    await this.#session.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Resolves when the gateway answers. */
  async ping(options: CallOptions = {}): Promise<true> {
    await this.#repeated('ping', options, (signal) => this.#session.ping(signal))
    return true
  }

  /** The tools as the gateway describes them. */
  listTools(options: CallOptions = {}): Promise<readonly ToolDescription[]> {
    return this.#repeated('tools/list', options, (signal) => this.#session.listTools(signal))
  }

  override callTool<T extends ToolName>(tool: T, args: Arguments<T>, options?: CallOptions): Promise<Result<T>>
  override callTool(tool: string, args?: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<unknown>
  override async callTool(tool: string, args: object = {}, options: CallOptions = {}): Promise<unknown> {
    // An argument that is undefined is one that was not given.
    const given = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined))
    const call = (signal: AbortSignal) => this.#session.callTool(tool, given, signal)
    const repeats = mayRepeat(tool, given)
    const answer = await (repeats ? this.#repeated(tool, options, call) : this.#bounded(tool, options, call))
    if (!answer.isError) return answer.structured ?? answer.text
    throw readRefusal(answer.text, tool, given) ?? new ToolError(tool, { code: 'internal', message: answer.text })
  }

  /** Starts a scan with the run tool that fits its credentials; returns at once. */
  async submitScan(request: ScanRequest, options?: CallOptions): Promise<RunResult> {
    const { tool, args } = await runCall(request)
    return this.callTool(tool, args, options)
  }

  /** With `wait_seconds` (up to 45) it answers when something changes. */
  getStatus(taskId: string, options: CallOptions & { readonly wait_seconds?: number } = {}): Promise<ScanStatus> {
    const { wait_seconds: seconds, ...rest } = options
    return this.getScanStatus({ task_id: taskId, ...defined({ wait_seconds: seconds }) }, rest)
  }

  /** One page of findings with what is known of the scan as a whole; page 0 is everything, up to 8 MiB. */
  async getResults(taskId: string, query: ResultsQuery = {}, options?: CallOptions): Promise<ScanResults> {
    return parseResults(await this.getScanResults({ ...query, task_id: taskId }, options))
  }

  /** All findings that match, page after page, in the report's order or that of `sort`. */
  async *results(
    taskId: string,
    query: Omit<ResultsQuery, 'page'> = {},
    options?: CallOptions,
  ): AsyncGenerator<Finding, void> {
    let page: number | null = 1
    while (page !== null) {
      const asked: ResultsQuery = { page_size: PAGE_SIZE, max_chars: PAGE_CHARS, ...query, page }
      const { findings, pagination } = await this.getResults(taskId, asked, options)
      yield* findings
      page = pagination?.next_page ?? null
    }
  }

  /** Resolves with the last status once the scan has ended, well or not. Throws TimeoutError; the scan goes on then. */
  waitForCompletion(taskId: string, options?: WaitOptions): Promise<ScanStatus> {
    const ask: AskStatus = (id, seconds, limits) => this.getStatus(id, { wait_seconds: seconds, ...limits })
    return waitForCompletion(ask, taskId, options)
  }

  /** Starts a scan and waits until it has ended. TimeoutError names the scan, to be waited for again. */
  async scanAndWait(request: ScanRequest, options: WaitOptions = {}): Promise<ScanStatus> {
    const { signal, timeoutMs } = options
    const startMs = performance.now()
    const limits = { ...(signal ? { signal } : {}), ...defined({ timeoutMs }) }
    const { task_id: taskId } = await this.submitScan(request, limits)
    const leftMs = timeoutMs === undefined ? {} : { timeoutMs: Math.max(0, timeoutMs - (performance.now() - startMs)) }
    return this.waitForCompletion(taskId, { ...options, ...leftMs })
  }

  /** The critical findings, at most 10,000; `results` reads more. */
  async getCriticalVulnerabilities(taskId: string, options?: CallOptions): Promise<Finding[]> {
    const critical: Finding[] = []
    for await (const finding of this.results(taskId, { filters: { severity: 4 } }, options)) {
      if (critical.length === LIST_MAX) break
      if (finding.type === 'vulnerability') critical.push(finding)
    }
    return critical
  }

  /** Counts by severity, and what they are worth: whether logins worked and which hosts were seen. */
  async getVulnerabilitySummary(taskId: string, options?: CallOptions): Promise<VulnerabilitySummary> {
    const query = { schema_profile: 'minimal', page_size: 10, filters: { severity: '>=1' } } as const
    const { schema, metadata } = await this.getResults(taskId, query, options)
    const { hosts, scan_name, severity_breakdown, authentication_status, coverage, warnings } = metadata
    const total_vulnerabilities = schema.total_vulnerabilities
    const counts = { hosts, total_vulnerabilities, severity_breakdown }
    return { task_id: taskId, scan_name, ...counts, authentication_status, coverage, warnings }
  }

  /** Sends an existing report, which becomes a completed scan. The body is streamed. */
  importReport(report: ReportUpload): Promise<Result<'import_scan'>> {
    const limits = { timeoutMs: UPLOAD_TIMEOUT_MS, ...report }
    return this.#bounded('import_scan', limits, (signal) => this.#files.upload({ ...report, signal }))
  }

  /** The .nessus report of a scan, streamed; consume or destroy the body. */
  async downloadReport(taskId: string, options: CallOptions = {}): Promise<NativeReport> {
    // The time limit is on its beginning; the signal alone ends a download under way.
    return this.#repeated('download_native_scan', options, (signal) => this.#files.download(taskId, signal))
  }

  /** The findings that match, written as csv, xlsx, sarif, ocsf, hdf, defectdojo or JSON lines; consume or destroy the body. */
  async exportResults(taskId: string, asked: ResultsExport, options: CallOptions = {}): Promise<NativeReport> {
    return this.#repeated('get_scan_results', options, (signal) => this.#files.export(taskId, asked, signal))
  }

  #bounded<T>(what: string, options: CallOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal, timeoutMs = this.#timeoutMs } = options
    return withinTime(work, { timeoutMs, signal, url: this.#url, what })
  }

  #repeated<T>(what: string, options: CallOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#bounded(what, options, (signal) => withRetries(() => work(signal), this.#retry, signal))
  }
}
