/** What get_scan_status, resources and tasks show of a scan: the record without anything secret or internal. */
import * as v from 'valibot'
import { sameAs } from '../../runtime/toolset.ts'
import { noteWarnings } from '../../reports/judge/scanner-warnings.ts'
import { withSimulatedFirst } from '../../reports/judge/simulated.ts'
import type { Scan } from '../../scans/record.ts'
import { canTakeScans, knownHealth } from '../../scanners/health.ts'
import { isFinal } from '../../scans/states.ts'
import { reportTime } from './report-time.ts'
import type { Services } from '../../runtime/services.ts'
import { isSimulated } from './simulated-scans.ts'
import { remedyNow } from '../recover/remedy-now.ts'
import { unhostedStep } from './unhosted-step.ts'
import { EXPORTS_MAX } from '../end/fetch-again.ts'

export const StatusView = v.object({
  task_id: v.string(),
  trace_id: v.string(),
  status: v.string(),
  step: v.string(),
  progress: v.nullable(v.number()),
  queue_position: v.nullable(v.number()),
  name: v.string(),
  description: v.string(),
  scan_type: v.string(),
  origin: v.string(),
  scanner_pool: v.string(),
  scanner_type: v.string(),
  scanner_instance: v.nullable(v.string()),
  nessus_scan_id: v.nullable(v.number()),
  scanner_status: v.nullable(v.string()),
  /** Why what stands at the scanner was left alone there: it is not ours any more, or a person's. */
  scanner_note: v.nullable(v.string()),
  hosts_found: v.nullable(v.number()),
  targets: v.object({ count: v.number(), hosts: v.array(v.string()) }),
  created_at: v.string(),
  started_at: v.nullable(v.string()),
  completed_at: v.nullable(v.string()),
  stopping: v.nullable(v.string()),
  /** What the scan waits for: its scanner, any scanner that could take it, the data directory, a worker, a step that is tried again. */
  trouble: v.nullable(v.object({ since: v.string(), message: v.string() })),
  error: v.nullable(v.object({ step: v.string(), message: v.string(), remedy: v.string() })),
  error_message: v.pipe(v.nullable(v.string()), v.description(sameAs('error', '.message'))),
  results_available: v.boolean(),
  results_summary: v.optional(v.record(v.string(), v.unknown())),
  authentication_status: v.nullable(v.string()),
  validation_warnings: v.array(v.string()),
  troubleshooting: v.optional(v.record(v.string(), v.unknown())),
  next: v.string(),
})
export type StatusView = v.InferOutput<typeof StatusView>

export async function statusView(scan: Scan, services: StatusSources): Promise<StatusView> {
  const { scans } = services
  const { failure } = scan
  const remedy = await remedyNow(scan, services)
  return {
    task_id: scan.task_id,
    trace_id: scan.trace_id,
    status: scan.status,
    step: scan.step,
    progress: scan.progress ?? (isFinal(scan.status) ? null : 0),
    queue_position: (await scans.queuePosition(scan)) ?? null,
    name: scan.name,
    description: scan.description,
    scan_type: scan.scan_type,
    origin: scan.origin,
    scanner_pool: scan.scanner_pool,
    scanner_type: scan.scanner_type,
    scanner_instance: scan.scanner_instance ?? scan.pinned_instance ?? null,
    nessus_scan_id: scan.scanner_scan_id ?? null,
    scanner_status: scannerStatus(scan) ?? null,
    scanner_note: scan.scanner_note ?? null,
    hosts_found: scan.hosts_found ?? null,
    targets: { count: scan.targets.count, hosts: [...scan.targets.hosts] },
    created_at: scan.created_at,
    started_at: reportTime(scan, 'started_at') ?? scan.started_at ?? null,
    completed_at: reportTime(scan, 'ended_at') ?? scan.ended_at ?? null,
    stopping: scan.stopping?.reason ?? null,
    trouble: scan.trouble ? said(scan.trouble) : await waitingTrouble(scan, services),
    error: failure ? { step: failure.step, message: failure.message, remedy: remedy ?? failure.remedy } : null,
    error_message: failure?.message ?? null,
    results_available: resultsAvailable(scan),
    ...(scan.results_summary ? { results_summary: scan.results_summary } : {}),
    authentication_status: scan.authentication_status ?? null,
    validation_warnings: withSimulatedFirst(isSimulated(scan), scan.validation_warnings ?? notesSoFar(scan)),
    ...(scan.troubleshooting ? { troubleshooting: scan.troubleshooting } : {}),
    next: nextStep(scan, remedy),
  }
}

/** What the scanner notes of a run whose report has not been read yet. */
function notesSoFar({ scanner_notes: scannerNotes }: Scan): string[] {
  return noteWarnings({ scannerNotes })
}

/** A scanner calls `canceled` whatever was stopped. Where its time was over that would say that somebody canceled it. */
function scannerStatus({ scanner_status: said, stopping }: Scan): string | undefined {
  return said === 'canceled' && stopping?.as === 'timeout' ? 'stopped' : said
}

export type StatusSources = Pick<Services, 'scans' | 'scanners' | 'keyspace' | 'scanKeys' | 'busKeys'> & {
  readonly now: Date
}

const said = ({ since, message }: NonNullable<Scan['trouble']>) => ({ since, message })

/** Why a scan does not go on, where its record does not say. */
async function waitingTrouble(scan: Scan, sources: StatusSources) {
  return exportTrouble(scan) ?? (await unhostedStep(scan, sources)) ?? (await queueTrouble(scan, sources))
}

/** Why a report that had come is fetched again. */
function exportTrouble({ status, unreadable_exports: unreadable }: Scan) {
  if (isFinal(status) || !unreadable) return undefined
  const { since, count, message } = unreadable
  return {
    since,
    message: `The report could not be read (${message}), so export ${count + 1} of at most ${EXPORTS_MAX} is fetched.`,
  }
}

/** Why a waiting scan cannot go to any scanner; `null` when it only waits its turn. */
async function queueTrouble(scan: Scan, { scanners, keyspace, scanKeys, now }: StatusSources) {
  if (scan.status !== 'queued') return null
  const health = await knownHealth(keyspace, scanKeys, now)
  const wanted = scanners.entries().filter((entry) => {
    const fits = scan.pinned_instance === undefined || entry.instanceId === scan.pinned_instance
    return entry.pool === scan.scanner_pool && fits
  })
  const usable = wanted.filter((entry) => entry.enabled && canTakeScans(health.get(entry.key)))
  if (usable.length > 0) return null
  const problems = wanted.flatMap((entry) => health.get(entry.key)?.problem ?? [])
  const message = problems[0] ?? 'no scanner that could take it is configured and enabled; see list_scanners'
  return { since: scan.queued_at ?? scan.created_at, message }
}

/** Ended with a report that was read: also a stopped or aborted scan may have one. */
export function resultsAvailable(scan: Scan): boolean {
  return isFinal(scan.status) && scan.results_summary !== undefined
}

function nextStep(scan: Scan, remedy: string | undefined): string {
  if (!isFinal(scan.status)) return 'Call get_scan_status again with wait_seconds 45.'
  const partial = scan.status === 'completed' ? '' : 'What was found until then: '
  if (resultsAvailable(scan)) {
    return `${partial}summarize_scan sums it up; get_scan_results reads the findings, for example with filters {"severity": ">=3"}.`
  }
  return remedy ?? 'There is no report to read. Start the scan again if it is still needed.'
}
