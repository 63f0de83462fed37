/**
 * Removes ended scans that nobody has looked at for long: records, results, and
 * what is left of ours at the scanner; and dead letters of the same age, and uploads nobody took.
 *
 *   expire.due → expire → scan.deleted (one per scan), expire.due (at once, while there are more)
 *
 * Safe to run twice: a scan is erased only from the revision read here. Its files go after it, by the event.
 */
import * as v from 'valibot'
import { COUNTS } from '../../lib/bus/keys.ts'
import type { Transaction } from '../../lib/bus/transaction.ts'
import { letterGone } from '../../lib/scan-work/recover/letter-gone.ts'
import { readLetters } from '../../lib/scan-work/recover/read-letters.ts'
import { Deleted, leftByAge } from '../../lib/scan-work/end/deletion-event.ts'
import { upkeepFunction } from '../../lib/runtime/function.ts'
import { says } from '../../lib/runtime/outcome.ts'
import type { Services } from '../../lib/runtime/services.ts'
import { removeOldFiles } from '../../lib/reports/files/remove-old-files.ts'
import { placesOf } from '../../lib/scan-work/recover/mend-indexes.ts'
import { erase } from '../../lib/scans/change.ts'
import { isUnreadable, REMEDY_UNREADABLE } from '../../lib/scans/read-record.ts'
import type { Scan } from '../../lib/scans/record.ts'
import { isFinal } from '../../lib/scans/states.ts'
import { eraseTraces } from '../../lib/scans/traces.ts'

const BATCH = 50
/** An import that has not taken its file by then never will. */
const UPLOAD_KEPT_MS = 86_400_000

export default upkeepFunction({
  name: 'expire',
  consumes: ['expire.due'],
  input: v.object({ skip: v.optional(v.number(), 0) }),
  emits: {
    'scan.deleted': Deleted,
    'expire.due': says('It is time to remove what is old.', { skip: v.number() }),
  },

  async run({ skip }, { scans, scanners, keyspace, scanKeys, busKeys, limits, now, log }) {
    const before = now.getTime() - Math.min(limits.completedTtlMs, limits.failedTtlMs)
    const ids = (await keyspace.upTo(scanKeys.accessed, before, skip + BATCH)).slice(skip)
    const found = await scans.look(ids)
    const gone: Scan[] = []
    const ghosts: string[] = []
    for (const [n, scan] of found.entries()) {
      if (isUnreadable(scan))
        log.warn('a record cannot be read, and does not expire', {
          task_id: scan.taskId,
          problem: scan.problem,
          remedy: REMEDY_UNREADABLE,
        })
      else if (!scan) ghosts.push(ids[n]!)
      else if (await isExpired(scan, { keyspace, scanKeys, limits, now })) gone.push(scan)
    }
    if (skip === 0) await removeOldFiles(limits.uploadDir, new Date(now.getTime() - UPLOAD_KEPT_MS))
    const letters = await oldLetters({ keyspace, busKeys, limits, now })
    // Those that stay would be found again by the next look: it starts behind them.
    const stay = ids.length - gone.length - ghosts.length
    const next = { type: 'expire.due' as const, data: { skip: skip + stay }, subject: null }
    // Names that have no record, left by hands in Redis: they go, or every look would find them again.
    const forgotten = ghosts.map((id) => eraseTraces(id, {}, placesOf(scanners), scanKeys))
    const also: readonly Transaction[] = [...letters, ...forgotten]
    return {
      scans: gone.map((scan) => erase(scan)),
      emit: [...gone.map(leftByAge), ...(ids.length === BATCH || letters.length === BATCH ? [next] : [])],
      also: {
        guards: also.flatMap(({ guards }) => guards),
        writes: [
          ...also.flatMap(({ writes }) => writes),
          ...(gone.length > 0 ? [['HINCRBY', busKeys.counts, COUNTS.ageDeletions, String(gone.length)] as const] : []),
        ],
      },
    }
  },
})

/** Takes out dead letters as old as the failed scans they belong to. */
async function oldLetters({
  keyspace,
  busKeys,
  limits,
  now,
}: Pick<Services, 'keyspace' | 'busKeys' | 'limits'> & { now: Date }) {
  const gone: Transaction[] = []
  const until = new Date(now.getTime() - limits.failedTtlMs)
  for await (const letter of readLetters(keyspace, busKeys, { until })) {
    const open = await keyspace.field(busKeys.openLetters, letter.id)
    gone.push(letterGone(letter, { why: 'expired', who: 'expire', open }, busKeys))
    if (gone.length === BATCH) break
  }
  return gone
}

/** Whether its time is over: counted from its end or from when someone last looked, whichever is later. */
async function isExpired(
  scan: Scan,
  { keyspace, scanKeys, limits, now }: Pick<Services, 'keyspace' | 'scanKeys' | 'limits'> & { now: Date },
): Promise<boolean> {
  if (!isFinal(scan.status)) return false
  const accessed = (await keyspace.score(scanKeys.accessed, scan.task_id)) ?? 0
  const last = Math.max(accessed, Date.parse(scan.ended_at ?? scan.created_at))
  const ttlMs = scan.status === 'completed' ? limits.completedTtlMs : limits.failedTtlMs
  return now.getTime() - last > ttlMs
}
