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
import { Deleted, leftAtScanner } from '../../lib/scan-work/end/deletion-event.ts'
import { upkeepFunction } from '../../lib/runtime/function.ts'
import type { Limits, Services } from '../../lib/runtime/services.ts'
import { removeOldFiles } from '../../lib/reports/files/remove-old-files.ts'
import { erase } from '../../lib/scans/change.ts'
import type { Scan } from '../../lib/scans/record.ts'
import { hasEnded } from '../../lib/scans/states.ts'

const BATCH = 50
/** An import that has not taken its file by then never will. */
const UPLOAD_KEPT_MS = 86_400_000

export default upkeepFunction({
  name: 'expire',
  consumes: ['expire.due'],
  input: v.object({ skip: v.optional(v.number(), 0) }),
  emits: { 'scan.deleted': Deleted, 'expire.due': v.object({ skip: v.number() }) },

  async run({ skip }, { scans, keyspace, scanKeys, busKeys, limits, now }) {
    const before = now.getTime() - Math.min(limits.completedTtlMs, limits.failedTtlMs)
    const ids = (await keyspace.upTo(scanKeys.accessed, before, skip + BATCH)).slice(skip)
    const old = await Promise.all(ids.map((id) => expired(id, { scans, keyspace, scanKeys, limits, now })))
    const gone = old.filter((scan) => scan !== undefined)
    if (skip === 0) await removeOldFiles(limits.uploadDir, new Date(now.getTime() - UPLOAD_KEPT_MS))
    const letters = await oldLetters({ keyspace, busKeys, limits, now })
    // Those that stay are in the way of a later look: it starts behind them.
    const next = { type: 'expire.due' as const, data: { skip: skip + ids.length - gone.length }, subject: null }
    return {
      scans: gone.map((scan) => erase(scan)),
      emit: [...gone.map(leftAtScanner), ...(ids.length === BATCH || letters.length === BATCH ? [next] : [])],
      also: {
        guards: letters.flatMap(({ guards }) => guards),
        writes: [
          ...letters.flatMap(({ writes }) => writes),
          ...(gone.length > 0 ? [['HINCRBY', busKeys.counts, COUNTS.ageDeletions, String(gone.length)] as const] : []),
        ],
      },
    }
  },
})

type Sources = Pick<Services, 'scans' | 'keyspace' | 'scanKeys'> & { limits: Limits; now: Date }

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
    gone.push(letterGone(letter, 'expired', 'expire', busKeys))
    if (gone.length === BATCH) break
  }
  return gone
}

/** The scan, if its time is over: counted from its end or from when someone last looked, whichever is later. */
async function expired(taskId: string, { scans, keyspace, scanKeys, limits, now }: Sources): Promise<Scan | undefined> {
  const scan = await scans.get(taskId)
  if (!scan || !hasEnded(scan.status)) return undefined
  const accessed = (await keyspace.score(scanKeys.accessed, taskId)) ?? 0
  const last = Math.max(accessed, Date.parse(scan.ended_at ?? scan.created_at))
  const ttlMs = scan.status === 'completed' ? limits.completedTtlMs : limits.failedTtlMs
  return now.getTime() - last > ttlMs ? scan : undefined
}
