/** The arguments that all tools which start a scan share. */
import * as v from 'valibot'
import { DEFAULT_PROFILE, PROFILE_NAMES } from '../../facts/profiles.ts'
import { ScanSetup } from '../../facts/scan-settings.ts'
import { sameAs } from '../../runtime/toolset.ts'

const PRIORITY_MAX = 10
const POLICY_CHARS_MAX = 200
const POLICY_ID_MAX = 2_147_483_647
/** The one that every scanner has. */
export const DEFAULT_TEMPLATE = 'basic'
/** Enough for every address of the largest scan, written out. */
const TARGETS_CHARS_MAX = 1_000_000

const text = (length: number, description: string) =>
  v.pipe(v.string(), v.maxLength(length), v.description(description))

export const runArguments = {
  targets: v.pipe(
    v.string(),
    v.nonEmpty(),
    v.maxLength(TARGETS_CHARS_MAX),
    v.description(
      'Addresses, CIDR networks, ranges or host names. IPv4 or IPv6; ranges such as 10.0.0.1-20; separated by commas, spaces or newlines; !10.0.0.9 leaves out.',
    ),
  ),
  name: v.optional(text(200, 'Shown in lists. Default: made of the targets.')),
  scan_name: v.optional(text(200, sameAs('name'))),
  description: v.optional(text(2000, 'Why it is made. Kept with it.'), ''),
  schema_profile: v.optional(
    v.pipe(
      v.picklist(PROFILE_NAMES),
      v.description('Fields of its results. What get_scan_results returns where it is not told.'),
    ),
    DEFAULT_PROFILE,
  ),
  idempotency_key: v.optional(
    text(200, 'The same key again starts no second scan. Any text; within 48 hours it returns the first.'),
  ),
  scanner_pool: v.optional(text(64, 'See list_pools. Default: the first pool.')),
  scanner_instance: v.optional(text(64, 'One of the pool. See list_scanners; default: any with room.')),
  scanner_type: v.optional(v.pipe(v.picklist(['nessus']), v.description('Type of scanner.')), 'nessus'),
  template: v.optional(
    text(100, 'Such as discovery. Name of the scan template at the scanner, basic by default; see list_templates.'),
    DEFAULT_TEMPLATE,
  ),
  policy: v.optional(
    v.pipe(
      // The ids in list_policies are numbers.
      v.union([
        v.pipe(v.string(), v.nonEmpty(), v.maxLength(POLICY_CHARS_MAX)),
        v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(POLICY_ID_MAX)),
      ]),
      v.description(
        'Name or id of one saved at the scanner. In place of a template: brings its ports, plugins, audits and credentials; see list_policies.',
      ),
      v.transform((asked) => String(asked).trim()),
    ),
  ),
  settings: v.optional(
    v.pipe(ScanSetup, v.description('What else of the scan is set. As the scanner has it in its own form.')),
  ),
  priority: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(-PRIORITY_MAX),
      v.maxValue(PRIORITY_MAX),
      v.description('Higher goes first. In the queue of its pool.'),
    ),
    0,
  ),
  debug_mode: v.optional(
    v.pipe(v.boolean(), v.description('Keep a log. Of the talk with the scanner, beside the results.')),
    false,
  ),
}

const RunArguments = v.object(runArguments)
export type RunArguments = v.InferOutput<typeof RunArguments>

/** The result of every tool that starts a scan. */
export const RunOutput = v.object({
  task_id: v.string(),
  trace_id: v.string(),
  status: v.string(),
  scan_type: v.string(),
  /** As the scan's name was written first; the end of a task, made from its status, has `name` instead. */
  scan_name: v.optional(v.string()),
  created_at: v.string(),
  scanner_pool: v.string(),
  scanner_instance: v.nullable(v.string()),
  queue_position: v.nullable(v.number()),
  estimated_wait_minutes: v.nullable(v.number()),
  targets: v.object({ count: v.number(), hosts: v.array(v.string()) }),
  idempotent: v.boolean(),
  /** The status of the first scan, where the call was a repetition. */
  original_task: v.optional(v.record(v.string(), v.unknown())),
  next: v.string(),
})
