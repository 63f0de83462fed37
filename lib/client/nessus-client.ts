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
import { DEFAULT_URL, endpointOf } from './endpoint.ts'
import { type GatewayFiles, makeGatewayFiles, type NativeReport, type ReportUpload } from './gateway-files.ts'
import { makeSession, type Session, type ToolDescription } from './mcp-session.ts'
import { readRefusal } from './refusal.ts'
import { mayRepeat, RETRY, type RetryOptions, withRetries } from './retry.ts'
import { runCall, type ScanRequest } from './scan-request.ts'
import { type Finding, parseResults, type ScanResults } from './scan-results.ts'
import { ToolError } from './errors.ts'
import { type CallOptions, ToolMethods } from './tool-methods.ts'
import type { RunResult, ScanStatus } from './tool-results.ts'
import type { Arguments, Result, ToolName } from './tool-types.ts'
import { waitForCompletion, type WaitOptions } from './wait-for-completion.ts'

export interface NessusClientOptions {
  /** The gateway, or its MCP endpoint. Default: `http://127.0.0.1:8836/mcp`. */
  readonly url?: string | URL | undefined
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string | undefined
  readonly fetch?: typeof fetch
  readonly retry?: Partial<RetryOptions>
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

export class NessusClient extends ToolMethods implements AsyncDisposable {
  readonly #session: Session
  readonly #files: GatewayFiles
  readonly #retry: RetryOptions

  /** Throws TypeError when `url` is no http address. */
  constructor(options: NessusClientOptions = {}) {
    super()
    const { url = DEFAULT_URL, token, fetch = globalThis.fetch, retry, clientInfo } = options
    const endpoint = endpointOf(url)
    const info = clientInfo ?? { name: 'nessus-mcp-client', version: '1' }
    this.#session = makeSession({ url: endpoint.mcp, token, fetch, clientInfo: info })
    this.#files = makeGatewayFiles({ endpoint, token, fetch })
    this.#retry = { ...RETRY, ...retry }
  }

  /** Connects now rather than with the first call. Throws ConnectionError, or ToolError `unauthenticated`. */
  async connect(): Promise<this> {
    await this.#session.open()
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
    await withRetries(() => this.#session.ping(options.signal), this.#retry, options.signal)
    return true
  }

  /** The tools as the gateway describes them. */
  listTools(options: CallOptions = {}): Promise<readonly ToolDescription[]> {
    return withRetries(() => this.#session.listTools(options.signal), this.#retry, options.signal)
  }

  override callTool<T extends ToolName>(tool: T, args: Arguments<T>, options?: CallOptions): Promise<Result<T>>
  override callTool(tool: string, args?: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<unknown>
  override async callTool(tool: string, args: object = {}, { signal }: CallOptions = {}): Promise<unknown> {
    // An argument that is undefined is one that was not given.
    const given = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined))
    const call = () => this.#session.callTool(tool, given, signal)
    const answer = mayRepeat(tool, given) ? await withRetries(call, this.#retry, signal) : await call()
    if (!answer.isError) return answer.structured ?? answer.text
    throw readRefusal(answer.text, tool, given) ?? new ToolError(tool, { code: 'internal', message: answer.text })
  }

  /** Starts a scan with the run tool that fits its credentials; returns at once. */
  submitScan(request: ScanRequest, options?: CallOptions): Promise<RunResult> {
    const { tool, args } = runCall(request)
    return this.callTool(tool, args, options)
  }

  /** With `wait_seconds` (up to 45) it answers when something changes. */
  getStatus(taskId: string, options: CallOptions & { readonly wait_seconds?: number } = {}): Promise<ScanStatus> {
    const { wait_seconds: seconds, ...rest } = options
    return this.getScanStatus({ task_id: taskId, ...(seconds === undefined ? {} : { wait_seconds: seconds }) }, rest)
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
    const ask = (id: string, seconds: number, signal: AbortSignal | undefined) =>
      this.getStatus(id, { wait_seconds: seconds, ...(signal ? { signal } : {}) })
    return waitForCompletion(ask, taskId, options)
  }

  /** Starts a scan and waits until it has ended. TimeoutError names the scan, to be waited for again. */
  async scanAndWait(request: ScanRequest, options: WaitOptions = {}): Promise<ScanStatus> {
    const { task_id: taskId } = await this.submitScan(request, options.signal ? { signal: options.signal } : {})
    return this.waitForCompletion(taskId, options)
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
    const query = { schema_profile: 'minimal', page_size: 10, filters: { severity: '>=1' } }
    const { schema, metadata } = await this.getResults(taskId, query, options)
    const { hosts, scan_name, severity_breakdown, authentication_status, coverage, warnings } = metadata
    const total_vulnerabilities = schema.total_vulnerabilities
    const counts = { hosts, total_vulnerabilities, severity_breakdown }
    return { task_id: taskId, scan_name, ...counts, authentication_status, coverage, warnings }
  }

  /** Sends an existing report, which becomes a completed scan. The body is streamed. */
  importReport(report: ReportUpload): Promise<Result<'import_scan'>> {
    return this.#files.upload(report)
  }

  /** The .nessus report of a scan, streamed; consume or destroy the body. */
  downloadReport(taskId: string, { signal }: CallOptions = {}): Promise<NativeReport> {
    return this.#files.download(taskId, signal)
  }
}
