/** The scan record: all that is known of one scan, without secrets. Kept in Redis as JSON beside its revision and status. */
import * as v from 'valibot'
import { parseEvent } from '../bus/event.ts'
import { ScanSetup } from '../facts/scan-settings.ts'
import { PROFILE_NAMES } from '../facts/profiles.ts'
import { STATUSES, STEPS } from './states.ts'
import { TaskId } from '../facts/task-id.ts'

export const SCAN_TYPES = ['untrusted', 'authenticated', 'authenticated_privileged'] as const

/** A day that no calendar has would become "not a number" in an index, which the server refuses half-way. */
const Time = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.check((time) => !Number.isNaN(Date.parse(time)), 'expected a day that exists'),
)
const Count = v.pipe(v.number(), v.integer(), v.minValue(0))

/** One that does not open would stop the admission of a whole pool, not only of its scan. */
const Envelope = v.pipe(v.string(), v.check(isEvent, 'expected an event as JSON'))

const Credentials = v.object({
  /** `named`: looked up in the configuration by `create`; `sealed`: in the vault until the scan ends. */
  kind: v.picklist(['named', 'sealed']),
  /** The configured name, or the vault's reference. */
  ref: v.string(),
  /** Further configured names, tried after it in this order. */
  more: v.optional(v.array(v.string())),
  /** What the caller sent, secrets replaced, for get_scan_settings. */
  shown: v.record(v.string(), v.unknown()),
})

const Failure = v.object({
  /** The function that gave up. */
  step: v.string(),
  message: v.string(),
  /** A sentence: what to do about it. */
  remedy: v.string(),
  /** The same where it cannot be replayed: no letter is left, or something stands in the way. */
  otherwise: v.optional(v.string()),
  /** The dead letter that holds the event, to be replayed by an operator. */
  dead_letter: v.optional(v.string()),
})

export const ScanSchema = v.object({
  task_id: TaskId,
  trace_id: v.string(),
  revision: Count,
  status: v.picklist(STATUSES),
  step: v.picklist(STEPS),

  name: v.string(),
  description: v.string(),
  scan_type: v.picklist(SCAN_TYPES),
  schema_profile: v.picklist(PROFILE_NAMES),
  /** `created`: ours from the start; `adopted`: a person's scan on the scanner; `imported`: a file. */
  origin: v.picklist(['created', 'adopted', 'imported']),
  targets: v.object({ text: v.string(), count: v.number(), hosts: v.array(v.string()) }),
  /** Of a scan from a policy, the policy's own where that is known. */
  template: v.string(),
  /** What the caller wrote, and the one that was found by it as the scan was asked for. */
  policy: v.optional(v.object({ asked: v.string(), id: v.optional(Count), name: v.optional(v.string()) })),
  /** What the caller set beside them. */
  settings: v.optional(ScanSetup),
  /** The scan that it repeats. */
  relaunch_of: v.optional(TaskId),
  priority: v.pipe(v.number(), v.integer()),
  debug_mode: v.boolean(),
  credentials: v.optional(Credentials),
  /** How many scans the caller had waiting when this one came: admission is fair between callers. */
  behind_own: v.optional(Count),
  /** What it was started with, so that repeating the call finds it: digests of the key and of the request. */
  idempotency: v.optional(v.object({ key: v.string(), request: v.string() })),
  /** Who asked, by the name of their token. */
  caller: v.optional(v.string()),

  scanner_type: v.literal('nessus'),
  scanner_pool: v.string(),
  /** The instance the caller insists on. */
  pinned_instance: v.optional(v.string()),
  /** The instance that has it, from admission on. */
  scanner_instance: v.optional(v.string()),

  created_at: Time,
  /** Where it stands among the others, when not at `created_at`: an imported or adopted scan was made when its report says. */
  listed_at: v.optional(Time),
  queued_at: v.optional(Time),
  started_at: v.optional(Time),
  launched_at: v.optional(Time),
  ended_at: v.optional(Time),

  /** Id of the one event this scan waits for: any other event about it has become stale. */
  next: v.optional(v.string()),
  /** Where a replayed scan goes on once it is admitted again: the envelope of its event, whole, and who takes it. */
  resume: v.optional(v.object({ function: v.string(), step: v.picklist(STEPS), event: Envelope })),
  /** Someone or something wants it to end: who, and what it will then be. `failed`: a step was given up, and it may still run at its scanner. */
  stopping: v.optional(v.object({ as: v.picklist(['canceled', 'timeout', 'failed']), reason: v.string() })),

  /** To be removed, results and all, as soon as it has ended. */
  deleting: v.optional(v.boolean()),

  /** Id of the scan at the scanner. */
  scanner_scan_id: v.optional(Count),
  /** What the scanner said as the scan was made (or adopted), and which Nessus it was: by that it is known again. */
  made_there: v.optional(
    v.object({
      name: v.optional(v.string()),
      uuid: v.optional(v.string()),
      server_uuid: v.optional(v.string()),
      /** It said of itself that it is a simulator. */
      simulated: v.optional(v.literal(true)),
      /** What its licence covered then, and how much of that was used up. */
      licensed_hosts: v.optional(Count),
      licensed_hosts_used: v.optional(Count),
    }),
  ),
  /** The run that is ours: the scan's others are people's. */
  run_uuid: v.optional(v.string()),
  /** The same by the scanner's own number, kept of a run that was taken in. */
  run_history_id: v.optional(Count),
  /** It was taken in with many others, by an adoption: only so many of those are under way at a time. */
  taken_in_bulk: v.optional(v.literal(true)),
  /** Why what stands at the scanner was left alone there. */
  scanner_note: v.optional(v.string()),
  scanner_status: v.optional(v.string()),
  /** What the scanner itself notes of its run, such as hosts that its licence leaves out: how many notes, and the first of them. */
  scanner_notes: v.optional(v.object({ count: Count, said: v.array(v.string()) })),
  /** 0 to 100, as last heard. */
  progress: v.optional(v.number()),
  hosts_found: v.optional(Count),
  /** How the scanner ended it: an aborted or canceled run may be partial. */
  scan_outcome: v.optional(v.picklist(['completed', 'aborted', 'canceled'])),
  native: v.optional(v.object({ size_bytes: Count, sha256: v.string() })),
  /** How many exports of its report could not be read so far, since when, and what was wrong with the last. */
  unreadable_exports: v.optional(v.object({ count: Count, since: Time, message: v.string() })),

  /** What it waits for (its scanner, where nothing is said; `scan` is a step of its own that fails), since when, and what is wrong. Gone as soon as a step succeeds. */
  trouble: v.optional(
    v.object({ since: Time, message: v.string(), with: v.optional(v.picklist(['scanner', 'disk', 'scan'])) }),
  ),
  failure: v.optional(Failure),
  results_summary: v.optional(v.record(v.string(), v.unknown())),
  authentication_status: v.optional(v.string()),
  validation_warnings: v.optional(v.array(v.string())),
  troubleshooting: v.optional(v.record(v.string(), v.unknown())),
})
export type Scan = v.InferOutput<typeof ScanSchema>

/** The scanner's key in the registry, `pool/instance`; `undefined` before admission and for imported scans. */
export function scannerKey(scan: Scan): string | undefined {
  return scan.scanner_instance === undefined ? undefined : `${scan.scanner_pool}/${scan.scanner_instance}`
}

function isEvent(json: string): boolean {
  try {
    parseEvent(json)
    return true
  } catch {
    return false
  }
}
