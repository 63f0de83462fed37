/**
 * Taking in all new runs of a folder, a name pattern or a whole scanner: what is known of it while it goes on, and after.
 * One for each scanner, in one hash; the last one stays until the next begins.
 *
 *   A1. It advances by turns. A turn settles as a whole: the scans that begin, the place where it stands, the counts, and
 *       the event of the next turn; guarded by all of it being as it was read. So no run is counted or taken twice.
 *   A2. Only the event of its next turn advances it: one that is delivered late, or posted again, does nothing.
 *   A3. It reads the scanner and never writes to it.
 *   A4. At most {@link UNDER_WAY_MAX} of the scans that it began are under way at a time, so that its exports hold up nobody's.
 */
import { defined } from '../../base/defined.ts'
import * as v from 'valibot'
import type { Guard, Write } from '../../bus/transaction.ts'
import type { Services } from '../../runtime/services.ts'

export const UNDER_WAY_MAX = 20
/** Runs that one takes in when nothing is said, and at most. */
export const RUNS_DEFAULT = 500
export const RUNS_MAX = 5000
/** One whose next turn has not come for so long has lost its event. */
const LOST_AFTER_MS = 10 * 60_000

/** Why a run, or a scan, was passed over; said with the counts. */
export const SKIPPED = {
  taken_before: 'taken in before',
  ours: 'run by us, or by another installation of ours',
  running: 'still runs: taken in by a later pass',
  not_complete: 'canceled or aborted; taken in with partial',
  too_old: 'ended before since',
  never_run: 'the scan has never run',
  not_known: 'the scanner tells too little of it to know it again',
  unreadable: 'could not be read',
} as const
export type Skipped = keyof typeof SKIPPED

const Count = v.pipe(v.number(), v.integer(), v.minValue(0))
const Counts = v.object({
  scans: Count,
  unchanged_scans: Count,
  runs: Count,
  taken: Count,
  skipped: v.record(v.picklist(Object.keys(SKIPPED) as [Skipped, ...Skipped[]]), Count),
})

const AdoptionSchema = v.object({
  scanner: v.string(),
  turn: Count,
  folder: v.optional(v.string()),
  name_filter: v.optional(v.string()),
  since: v.optional(v.string()),
  partial: v.boolean(),
  runs_max: Count,
  /** Whose call it was, where it was one of a token. */
  caller: v.optional(v.string()),
  by: v.picklist(['call', 'schedule']),
  /** When the schedule last began one here, whoever began this one. */
  scheduled_at: v.optional(v.string()),
  started_at: v.string(),
  updated_at: v.string(),
  ended_at: v.optional(v.string()),
  /** Why it ended before its end. */
  ended_early: v.optional(v.string()),
  /** All up to this scan has been seen to; of the scan itself, with `run`, up to that run, and whether all of it was taken. */
  cursor: v.object({ scan: Count, run: v.optional(Count), whole: v.optional(v.boolean()) }),
  /** How often the scan at the cursor could not be read. */
  tries: Count,
  scans_total: v.optional(Count),
  counts: Counts,
  examples: v.array(v.object({ scanner_scan_id: v.number(), name: v.string(), why: v.string() })),
  trouble: v.optional(v.object({ since: v.string(), message: v.string() })),
})
export type Adoption = v.InferOutput<typeof AdoptionSchema>

/** One as it was read. */
export interface KeptAdoption {
  /** Empty where there is none. */
  readonly json: string
  /** Absent also where it cannot be read: it knows nothing that the notes of the runs do not, and the next begins anew. */
  readonly adoption?: Adoption
}

type Store = Pick<Services, 'keyspace' | 'scanKeys'>

export async function readAdoption(scanner: string, { keyspace, scanKeys }: Store): Promise<KeptAdoption> {
  return keptAs((await keyspace.field(scanKeys.adoptions, scanner)) ?? '')
}

export function keptAs(json: string): KeptAdoption {
  try {
    const read = v.safeParse(AdoptionSchema, JSON.parse(json))
    return read.success ? { json, adoption: read.output } : { json }
  } catch {
    return { json }
  }
}

/** Puts `next` in the place of what was read, which must be there still. */
export function adoptionWrites(
  next: Adoption,
  before: KeptAdoption,
  { scanKeys }: Pick<Services, 'scanKeys'>,
): { guards: Guard[]; writes: Write[] } {
  const key = scanKeys.adoptions
  return {
    guards: [{ if: 'field', key, field: next.scanner, is: before.json, else: 'stale' }],
    writes: [['HSET', key, next.scanner, JSON.stringify(next)]],
  }
}

export interface AdoptionWanted {
  readonly folder?: string | undefined
  readonly name_filter?: string | undefined
  readonly since?: string | undefined
  readonly partial: boolean
  readonly runs_max: number
  readonly caller?: string | undefined
  readonly by: Adoption['by']
}

/** One that begins now; `before` is the last one of the scanner. */
export function newAdoption(
  scanner: string,
  wanted: AdoptionWanted,
  before: Adoption | undefined,
  now: Date,
): Adoption {
  const at = now.toISOString()
  const scheduledAt = wanted.by === 'schedule' ? at : before?.scheduled_at
  return {
    ...definedOnly(wanted),
    partial: wanted.partial,
    runs_max: wanted.runs_max,
    by: wanted.by,
    scanner,
    // Never that of an event which may still be on its way.
    turn: (before?.turn ?? 0) + 1,
    ...(scheduledAt === undefined ? {} : { scheduled_at: scheduledAt }),
    started_at: at,
    updated_at: at,
    cursor: { scan: 0 },
    tries: 0,
    counts: { scans: 0, unchanged_scans: 0, runs: 0, taken: 0, skipped: {} },
    examples: [],
  }
}

function definedOnly({ folder, name_filter, since, caller }: AdoptionWanted) {
  return {
    ...defined({ folder, name_filter, since, caller }),
  }
}

/** One that goes on: it has no end. */
export type Adopting = Adoption & { readonly ended_at?: undefined }

export function isAdopting(adoption: Adoption | undefined): adoption is Adopting {
  return adoption !== undefined && adoption.ended_at === undefined
}

export function hasLostItsEvent(adoption: Adoption, now: Date): boolean {
  return isAdopting(adoption) && now.getTime() - Date.parse(adoption.updated_at) > LOST_AFTER_MS
}

/** Whether two are for the same runs. */
export function isSameWish(one: Adoption, other: Adoption): boolean {
  return (['folder', 'name_filter', 'since', 'partial'] as const).every((key) => one[key] === other[key])
}
