/** Running scans whose next event is in no inbox and not due later either. */
import { carriersOf } from '../../scans/course.ts'
import { isUnreadable } from '../../scans/read-record.ts'
import type { Scan } from '../../scans/record.ts'
import type { UnreadableMet } from '../../scans/scans.ts'
import type { Services } from '../../runtime/services.ts'

const LOOKED_AT_MAX = 1000
const INBOX_ENTRIES_MAX = 10_000
/** A scan that changed just now may have its event on the way. */
const QUIET_MS = 120_000

export async function lostScans(
  { scans, keyspace, busKeys, now }: Pick<Services, 'scans' | 'keyspace' | 'busKeys'> & { now: Date },
  carriers: readonly string[] = carriersOf(),
): Promise<{ lost: Scan[]; unreadable: UnreadableMet }> {
  const { scans: running, unreadable } = await scans.list({ status: 'running', limit: LOOKED_AT_MAX })
  const quiet = running.filter((scan) => now.getTime() - Date.parse(scan.started_at ?? scan.created_at) > QUIET_MS)
  if (quiet.length === 0) return { lost: [], unreadable }
  const inboxes = await Promise.all(
    carriers.map((name) => keyspace.entries(busKeys.inbox(name), '-', INBOX_ENTRIES_MAX)),
  )
  const waiting = new Set<unknown>(inboxes.flat().flatMap(({ fields }) => [fields['id'], diedOf(fields['e'])]))
  const lost: Scan[] = []
  for (const scan of quiet) {
    if (scan.next !== undefined && waiting.has(scan.next)) continue
    const due = await Promise.all(carriers.map((name) => keyspace.score(busKeys.delayed, `${scan.next}@${name}`)))
    if (due.some((score) => score !== undefined)) continue
    // It may have moved between the two looks: then its record names another event by now.
    const [current] = await scans.look([scan.task_id])
    if (!current || isUnreadable(current)) continue
    if (current.status === 'running' && current.next === scan.next && current.revision === scan.revision) {
      lost.push(current)
    }
  }
  return { lost, unreadable }
}

/** The event whose dead letter an `event.dead` in the inbox of `fail` tells of: its scan is about to end, not lost. */
function diedOf(envelope = '{}'): unknown {
  try {
    const { data } = JSON.parse(envelope) as { data?: { event?: unknown } | null }
    return data?.event
  } catch {
    // What cannot be read in an inbox tells of nothing; it becomes a dead letter by itself.
    return undefined
  }
}
