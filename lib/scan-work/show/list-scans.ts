/** What list_tasks and its older name list_scans do. */
import * as v from 'valibot'
import { Refusal } from '../../base/errors.ts'
import { targetMatches } from '../../scanners/target-policy.ts'
import { REMEDY_UNREADABLE } from '../../scans/read-record.ts'
import { SCAN_TYPES, type Scan } from '../../scans/record.ts'
import type { ScanListing } from '../../scans/scans.ts'
import { reportTime } from './report-time.ts'
import { isSimulated, simulatedEntries, simulatedFirst } from './simulated-scans.ts'
import { STATUSES } from '../../scans/states.ts'
import { poolFilter } from '../start/pool-argument.ts'
import { TaskId } from '../../facts/task-id.ts'
import type { Services } from '../../runtime/services.ts'
import { sameAs } from '../../runtime/toolset.ts'

const LIMIT_MAX = 200

/** The first seed's names for the scan types. */
const OLD_TYPES = { trusted_basic: 'authenticated', trusted_privileged: 'authenticated_privileged' } as const

const Status = v.pipe(v.picklist(STATUSES), v.description('Only these.'))

export const listArguments = v.object({
  status: v.optional(Status),
  status_filter: v.optional(v.pipe(v.picklist(STATUSES), v.description(sameAs('status')))),
  scan_type: v.optional(
    v.pipe(
      v.picklist([...SCAN_TYPES, 'trusted_basic', 'trusted_privileged']),
      v.description('Only these. The trusted_ names are older words for authenticated.'),
    ),
  ),
  scanner_pool: v.optional(v.pipe(v.string(), v.maxLength(64), v.description('Only this pool.'))),
  target_filter: v.optional(
    v.pipe(v.string(), v.maxLength(255), v.description('Address, network or host that it covers.')),
  ),
  limit: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(LIMIT_MAX), v.description('Per page.')),
    50,
  ),
  cursor: v.optional(v.pipe(TaskId, v.description('next_cursor of the last page.'))),
})
type ListArguments = v.InferOutput<typeof listArguments>

const Row = v.object({
  task_id: v.string(),
  name: v.string(),
  status: v.string(),
  step: v.string(),
  progress: v.nullable(v.number()),
  scan_type: v.string(),
  scanner_pool: v.string(),
  scanner_instance: v.nullable(v.string()),
  targets: v.string(),
  created_at: v.string(),
  completed_at: v.nullable(v.string()),
  /** When the scan was made, as its report says; of imported and adopted scans too. */
  scanned_at: v.nullable(v.string()),
  policy: v.nullable(v.string()),
  total_vulnerabilities: v.nullable(v.number()),
  total_informational: v.nullable(v.number()),
  authentication_status: v.nullable(v.string()),
  error: v.nullable(v.string()),
  /** Made up by a simulator: nothing was scanned. */
  simulated: v.boolean(),
})

export const ListResult = v.object({
  ...simulatedEntries,
  tasks: v.array(v.object({ ...Row.entries, last_accessed_at: v.string() })),
  /** Scans that meet what was asked, on all pages. */
  total: v.number(),
  /** False when there are more records than were looked at; total is then the least. */
  total_is_whole: v.boolean(),
  next_cursor: v.nullable(v.string()),
  /** Scans met on this page whose record cannot be read; absent when there are none. */
  unreadable: v.optional(
    v.object({
      count: v.number(),
      tasks: v.array(v.object({ task_id: v.string(), problem: v.string() })),
      remedy: v.string(),
    }),
  ),
})

export async function listScans(args: ListArguments, { scans, scanners }: Pick<Services, 'scans' | 'scanners'>) {
  if (args.status && args.status_filter && args.status !== args.status_filter) {
    throw new Refusal('invalid_argument', 'status and status_filter differ; send one.', {
      arguments: ['status_filter'],
    })
  }
  const listing = await scans.list({
    status: args.status ?? args.status_filter,
    pool: await poolFilter(args.scanner_pool, { scans, scanners }),
    matches: matcher(args),
    limit: args.limit,
    count: true,
    cursor: args.cursor,
  })
  const { scans: found, total, counted, nextCursor, unreadable } = listing
  return {
    ...simulatedFirst(found),
    tasks: found.map(row),
    total,
    total_is_whole: counted,
    next_cursor: nextCursor ?? null,
    ...unreadableOf(unreadable),
  }
}

function unreadableOf({ count, named }: ScanListing['unreadable']) {
  if (count === 0) return {}
  const tasks = named.map(({ taskId, problem }) => ({ task_id: taskId, problem }))
  return { unreadable: { count, tasks, remedy: REMEDY_UNREADABLE } }
}

/** The same, and when each was last looked at: its expiry counts from there. */
export async function listTasks(
  args: ListArguments,
  services: Pick<Services, 'scans' | 'scanners' | 'keyspace' | 'scanKeys'>,
) {
  const { keyspace, scanKeys } = services
  const listing = await listScans(args, services)
  const accessed = await Promise.all(listing.tasks.map((task) => keyspace.score(scanKeys.accessed, task.task_id)))
  const tasks = listing.tasks.map((task, index) => {
    const at = new Date(accessed[index] ?? Number.NaN)
    // A score that is no time must not take the whole list with it.
    return { ...task, last_accessed_at: Number.isNaN(at.getTime()) ? task.created_at : at.toISOString() }
  })
  return { ...listing, tasks }
}

function matcher({ scan_type: type, target_filter: target }: ListArguments): ((scan: Scan) => boolean) | undefined {
  if (type === undefined && target === undefined) return undefined
  const wanted = type !== undefined && type in OLD_TYPES ? OLD_TYPES[type as keyof typeof OLD_TYPES] : type
  return (scan) =>
    (wanted === undefined || scan.scan_type === wanted) &&
    (target === undefined || targetMatches(target, scan.targets.text.split(',')))
}

const TARGETS_SHOWN_CHARS = 120

function row(scan: Scan): v.InferOutput<typeof Row> {
  const { text } = scan.targets
  return {
    task_id: scan.task_id,
    name: scan.name,
    status: scan.status,
    step: scan.step,
    progress: scan.progress ?? null,
    scan_type: scan.scan_type,
    scanner_pool: scan.scanner_pool,
    scanner_instance: scan.scanner_instance ?? scan.pinned_instance ?? null,
    targets: text.length > TARGETS_SHOWN_CHARS ? `${text.slice(0, TARGETS_SHOWN_CHARS)}…` : text,
    created_at: scan.created_at,
    completed_at: reportTime(scan, 'ended_at') ?? scan.ended_at ?? null,
    scanned_at: textOr(scan.results_summary?.['started_at']),
    policy: textOr(scan.results_summary?.['policy']),
    total_vulnerabilities: numberOr(scan.results_summary?.['total_vulnerabilities']),
    total_informational: informationalOf(scan),
    authentication_status: scan.authentication_status ?? null,
    error: scan.failure?.message ?? null,
    simulated: isSimulated(scan),
  }
}

/** Records of before have it only among their severities. */
function informationalOf({ results_summary: summary }: Scan): number | null {
  const { info } = (summary?.['severity_breakdown'] ?? {}) as { info?: unknown }
  return numberOr(summary?.['total_informational'] ?? info)
}

function numberOr(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}

function textOr(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
