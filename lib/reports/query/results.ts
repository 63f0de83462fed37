/**
 * Answers a request for results as JSON-NL: schema, metadata, one line per
 * finding, pagination. Filters see the whole finding; fields are chosen after.
 */
import { Refusal } from '../../base/errors.ts'
import { UNTRUSTED_FIELDS } from '../fields.ts'
import { lackingReasons } from '../judge/lacking-reason.ts'
import type { ReportFacts } from '../judge/report-facts.ts'
import { SIMULATED, withSimulatedFirst } from '../judge/simulated.ts'
import type { Pace } from '../../base/pace.ts'
import type { ByteCache } from '../store/byte-cache.ts'
import type { Store } from '../store/store-reader.ts'
import type { TextReader } from '../store/text-reader.ts'
import { makeFieldCatalogue } from './field-catalogue.ts'
import { idOf, isCompliance, type Line, lineOf, longTextsOf } from './finding-view.ts'
import { fitLines } from './fit-lines.ts'
import { allRows, type Filter, matchRows } from './match-rows.ts'
import { predicateOf } from './predicate.ts'
import { type Chosen, chooseFields } from './profiles.ts'
import { ANSWER_BYTES_MAX, type CheckedQuery, checkQuery, type ReportQuery } from './results-query.ts'
import { sortFields, sortRows } from './sort-rows.ts'

/** What the report does not know of its scan. */
export interface ScanMeta {
  readonly taskId: string
  readonly scanName?: string
  readonly scanStatus?: string
}

export interface OpenReport {
  readonly store: Store
  readonly texts: TextReader
  readonly facts: ReportFacts
  /** Names this report's contents in caches. */
  readonly cacheKey: string
  readonly matches: ByteCache<Uint32Array>
  /** Shares the thread with whatever else goes on in the process. */
  readonly pace: Pace
}

export interface ResultsPage {
  /** JSON-NL, without a newline at the end. */
  readonly text: string
  readonly total_vulnerabilities: number
  readonly total_informational: number
  readonly total_compliance: number
  readonly total_pages: number
  readonly page: number
  readonly has_next: boolean
}

/** Findings written at a time when everything is asked for: a millisecond or two of work. */
const STREAM_ROWS = 32

interface Plan {
  readonly query: CheckedQuery
  readonly chosen: Chosen
  readonly wanted: ReadonlySet<string>
  readonly rows: Uint32Array
  readonly counts: MatchCounts
  /** Why the filters leave out what may be there: the report does not carry what they ask of. */
  readonly cannotSay: readonly string[]
  readonly totalPages: number
}

/** One page, or everything when `page` is 0. Throws a Refusal on a bad argument, or `too_large`. */
export async function queryResults(report: OpenReport, request: ReportQuery, meta: ScanMeta): Promise<ResultsPage> {
  const plan = await makePlan(report, request)
  const { query, totalPages } = plan
  if (query.page > totalPages) {
    throw new Refusal('invalid_argument', `page: expected 0 to ${totalPages}, got ${query.page}`, {
      total_pages: totalPages,
    })
  }
  const text = query.page === 0 ? await everything(report, plan, meta) : await onePage(report, plan, meta)
  return {
    text,
    total_vulnerabilities: plan.counts.vulnerabilities,
    total_informational: plan.counts.informational,
    total_compliance: plan.counts.compliance,
    total_pages: totalPages,
    page: query.page,
    has_next: query.page > 0 && query.page < totalPages,
  }
}

/** Everything that matches, a piece at a time: lines end with a newline. The next piece is made when it is asked for. */
export async function* streamResults(
  report: OpenReport,
  request: ReportQuery,
  meta: ScanMeta,
): AsyncGenerator<string, void, void> {
  const plan = await makePlan(report, { ...request, page: 0 })
  yield `${headLines(report, plan, meta, []).join('\n')}\n`
  for await (const lines of inBatches(report, plan)) yield lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

/** Everything that matches, to be written in another form. */
export async function resultLines(report: OpenReport, request: ReportQuery, meta: ScanMeta) {
  const plan = await makePlan(report, { ...request, page: 0 })
  const { facts } = report
  return {
    taskId: meta.taskId,
    scanName: meta.scanName ?? facts.report_name,
    startedAt: facts.started_at,
    endedAt: facts.ended_at,
    scannerVersion: report.store.hosts.find((host) => host.scannerVersion !== undefined)?.scannerVersion,
    fields: plan.chosen.fields,
    counts: plan.counts,
    warnings: warningsOf(facts, plan.cannotSay),
    lines: () => inBatches(report, plan),
  }
}

async function* inBatches(report: OpenReport, plan: Plan): AsyncGenerator<Line[], void, void> {
  for (let from = 0; from < plan.rows.length; from += STREAM_ROWS) {
    await report.pace.turn()
    yield await readLines(report, plan, plan.rows.subarray(from, from + STREAM_ROWS))
  }
}

async function makePlan(report: OpenReport, request: ReportQuery): Promise<Plan> {
  const query = checkQuery(request)
  const { store } = report
  const catalogue = makeFieldCatalogue(store.fields)
  const chosen = chooseFields(query.profile, query.customFields, catalogue)
  const filters = Object.entries(query.filters ?? {}).map(([name, value]): Filter => {
    const field = catalogue.field(name, 'filters')
    return { field, predicate: predicateOf(field, value) }
  })
  const asked = filters.flatMap(({ field }) => (query.filters?.[field.name] === null ? [] : [field.name]))
  const order = sortFields(query.sort, catalogue)
  const key = `${report.cacheKey}?${JSON.stringify([query.filters ?? {}, query.sort ?? null])}`
  let rows = report.matches.get(key)
  if (!rows) {
    const watch = report.pace.watch()
    rows = await matchRows({ store, texts: report.texts, rows: allRows(store.count), watch }, filters)
    if (order.length > 0) rows = await sortRows(store, report.texts, rows, order, watch)
    report.matches.set(key, rows, rows.byteLength + key.length * 2)
  }
  return {
    query,
    chosen,
    wanted: new Set(chosen.fields),
    rows,
    counts: countMatches(report, rows),
    cannotSay: lackingReasons(report, asked),
    totalPages: Math.max(1, Math.ceil(rows.length / query.pageSize)),
  }
}

/** Of what matches: each item is one of the three, as everywhere. */
export interface MatchCounts {
  readonly vulnerabilities: number
  readonly informational: number
  readonly compliance: number
}

function countMatches({ store, facts }: OpenReport, rows: Uint32Array): MatchCounts {
  const audited = facts.compliance.total > 0
  let [informational, compliance] = [0, 0]
  for (const row of rows) {
    if (audited && isCompliance(store, row)) compliance++
    else if ((store.columns.severity[row] ?? 0) === 0) informational++
  }
  return { vulnerabilities: rows.length - informational - compliance, informational, compliance }
}

async function onePage(report: OpenReport, plan: Plan, meta: ScanMeta): Promise<string> {
  const { query, rows, totalPages } = plan
  const start = (query.page - 1) * query.pageSize
  const pageRows = rows.subarray(start, start + query.pageSize)
  const next = query.page < totalPages
  const foot = JSON.stringify({
    type: 'pagination',
    page: query.page,
    page_size: query.pageSize,
    total_pages: totalPages,
    has_next: next,
    next_page: next ? query.page + 1 : null,
  })
  const lines = await readLines(report, plan, pageRows)
  // The head may grow by the names of fields left out: their room is kept from the start.
  const around = [...headLines(report, plan, meta, plan.chosen.profile === 'full' ? plan.chosen.fields : []), foot]
  const room = query.maxChars - around.reduce((sum, line) => sum + line.length + 1, 0)
  const fitted = fitLines(lines, Math.max(0, room), (index) => idOf(report.store, pageRows[index] ?? 0))
  return [...headLines(report, plan, meta, fitted.omitted), ...fitted.lines, foot].join('\n')
}

async function everything(report: OpenReport, plan: Plan, meta: ScanMeta): Promise<string> {
  const parts = headLines(report, plan, meta, [])
  let bytes = parts.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0)
  for (let from = 0; from < plan.rows.length; from += STREAM_ROWS) {
    await report.pace.turn()
    for (const line of await readLines(report, plan, plan.rows.subarray(from, from + STREAM_ROWS))) {
      const text = JSON.stringify(line)
      bytes += Buffer.byteLength(text) + 1
      parts.push(text)
    }
    if (bytes > ANSWER_BYTES_MAX) throw tooLarge(plan, meta)
  }
  return parts.join('\n')
}

function tooLarge(plan: Plan, meta: ScanMeta): Refusal {
  return new Refusal(
    'too_large',
    `page: all ${plan.rows.length} findings exceed ${ANSWER_BYTES_MAX} bytes; read pages 1 to ${plan.totalPages}, choose fewer fields, or download GET /scans/${meta.taskId}/results`,
    { total_pages: plan.totalPages, bytes_max: ANSWER_BYTES_MAX },
  )
}

async function readLines(report: OpenReport, plan: Plan, rows: Uint32Array): Promise<Line[]> {
  const { store, texts } = report
  const textOf = await texts.load(longTextsOf(store, rows, plan.wanted))
  return Array.from(rows, (row) => {
    const line = Object.create(null) as Line
    line['type'] = isCompliance(store, row) ? 'compliance' : 'vulnerability'
    const values = lineOf(store, row, plan.wanted, textOf)
    for (const name of plan.chosen.fields) if (values[name] !== undefined) line[name] = values[name]
    return line
  })
}

function headLines(report: OpenReport, plan: Plan, meta: ScanMeta, omitted: readonly string[]): string[] {
  const { facts } = report
  const { chosen, query, counts, cannotSay } = plan
  const schema = {
    type: 'schema',
    profile: chosen.profile,
    fields: chosen.fields,
    filters_applied: query.filters ?? {},
    ...(cannotSay.length > 0 ? { cannot_say: cannotSay } : {}),
    total_vulnerabilities: counts.vulnerabilities,
    total_informational: counts.informational,
    ...(facts.compliance.total > 0 ? { total_compliance: counts.compliance } : {}),
    total_pages: query.page === 0 ? 1 : plan.totalPages,
    ...(omitted.length > 0 ? { omitted_fields: omitted } : {}),
  }
  const { authentication_status: status, authentication_counts: logins } = facts
  const metadata = {
    type: 'scan_metadata',
    task_id: meta.taskId,
    scan_name: meta.scanName ?? facts.report_name,
    hosts: facts.hosts_scanned,
    severity_breakdown: facts.severity_breakdown,
    ...(facts.compliance.total > 0 ? { compliance: facts.compliance } : {}),
    authentication_status: status,
    ...(status === 'partial' ? { authentication_hosts: logins } : {}),
    coverage: facts.coverage,
    warnings: warningsOf(facts, cannotSay),
    // The scan's name was written by whoever started it, the warnings quote hosts.
    untrusted_text: ['scan_name', 'warnings', ...chosen.fields.filter((name) => UNTRUSTED_FIELDS.has(name))],
  }
  return [JSON.stringify(schema), JSON.stringify(metadata)]
}

/** What bears on this very answer comes first, but for that nothing in it is real. */
function warningsOf({ validation_warnings: warnings }: ReportFacts, cannotSay: readonly string[]): string[] {
  const isSimulated = warnings[0] === SIMULATED
  const own = cannotSay.map((reason) => `Cannot say what the filters ask: ${reason}. No match is not "none".`)
  return withSimulatedFirst(isSimulated, [...own, ...warnings.slice(isSimulated ? 1 : 0)])
}
