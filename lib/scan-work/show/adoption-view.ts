/** An adoption as tools show it: how far it is, and what was passed over and why. */
import * as v from 'valibot'
import type { Services } from '../../runtime/services.ts'
import type { ScannerEntry } from '../../scanners/entry.ts'
import { type Adoption, isAdopting, SKIPPED, type Skipped } from '../start/adoption.ts'

export const AdoptionView = v.object({
  scanner_instance: v.string(),
  scanner_pool: v.string(),
  state: v.picklist(['under way', 'ended']),
  began_by: v.picklist(['call', 'schedule']),
  folder: v.nullable(v.string()),
  name_filter: v.nullable(v.string()),
  since: v.nullable(v.string()),
  partial: v.boolean(),
  limit: v.number(),
  started_at: v.string(),
  ended_at: v.nullable(v.string()),
  /** Why it ended before it had seen to all. */
  ended_early: v.nullable(v.string()),
  /** Scans that are meant; unknown until the first look. */
  scans_total: v.nullable(v.number()),
  scans_seen_to: v.number(),
  /** Of those, scans of which every run was here, and that have not changed since. */
  scans_unchanged: v.number(),
  runs_seen: v.number(),
  runs_taken: v.number(),
  /** Of those, runs whose report has not been read yet. */
  runs_being_read: v.number(),
  skipped: v.array(v.object({ why: v.string(), count: v.number() })),
  examples: v.array(v.object({ scanner_scan_id: v.number(), name: v.string(), why: v.string() })),
  trouble: v.nullable(v.object({ since: v.string(), message: v.string() })),
  next: v.string(),
})

export async function adoptionView(
  adoption: Adoption,
  entry: ScannerEntry,
  { keyspace, scanKeys }: Pick<Services, 'keyspace' | 'scanKeys'>,
): Promise<v.InferOutput<typeof AdoptionView>> {
  const { counts } = adoption
  const skipped = Object.entries(counts.skipped) as [Skipped, number][]
  return {
    scanner_instance: entry.instanceId,
    scanner_pool: entry.pool,
    state: isAdopting(adoption) ? 'under way' : 'ended',
    began_by: adoption.by,
    folder: adoption.folder ?? null,
    name_filter: adoption.name_filter ?? null,
    since: adoption.since ?? null,
    partial: adoption.partial,
    limit: adoption.runs_max,
    started_at: adoption.started_at,
    ended_at: adoption.ended_at ?? null,
    ended_early: adoption.ended_early ?? null,
    scans_total: adoption.scans_total ?? null,
    scans_seen_to: counts.scans,
    scans_unchanged: counts.unchanged_scans,
    runs_seen: counts.runs,
    runs_taken: counts.taken,
    runs_being_read: await keyspace.size(scanKeys.takingIn(entry.key)),
    skipped: skipped.map(([why, count]) => ({ why: SKIPPED[why], count })),
    examples: [...adoption.examples],
    trouble: adoption.trouble ?? null,
    next: isAdopting(adoption)
      ? 'Call list_adoptions again in a while. What is taken in is in list_tasks.'
      : adoption.ended_early === undefined
        ? 'All runs that were meant are here: see list_tasks.'
        : 'Call adopt_scans again to go on: what is here already is passed over.',
  }
}
