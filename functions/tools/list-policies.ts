/**
 * MCP tool `list_policies`: the policies that people saved at a scanner.
 *
 *   tool.list_policies → list_policies
 *
 * Safe to run twice: it only looks.
 */
import * as v from 'valibot'
import { ScannerArguments, scannerNamed } from '../../lib/scan-work/start/scanner-argument.ts'
import { tool } from '../../lib/runtime/tool.ts'

const LIMIT_MAX = 200

export default tool({
  name: 'list_policies',
  title: 'List scan policies',
  description:
    'Policies that people saved at a Nessus scanner: ports, plugins, audits, performance and credentials as they set them up. The name or ' +
    'policy_id of one goes into the policy argument of the run tools, in place of a template.',
  toolset: 'scanners',
  nature: 'reads',
  arguments: v.object({
    ...ScannerArguments,
    name_filter: v.optional(v.pipe(v.string(), v.maxLength(200), v.description('Part of the name, in any case.'))),
    limit: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(LIMIT_MAX), v.description('How many, by name.')),
      50,
    ),
  }),
  output: v.object({
    scanner_instance: v.string(),
    /** Before the cut. */
    total: v.number(),
    policies: v.array(
      v.object({
        policy_id: v.number(),
        name: v.string(),
        description: v.string(),
        template: v.nullable(v.string()),
        owner: v.nullable(v.string()),
        last_modified_at: v.nullable(v.string()),
        usable: v.boolean(),
        /** Why it is not usable. */
        problem: v.nullable(v.string()),
      }),
    ),
    next: v.string(),
  }),
  emits: {},
  slow: true,

  async run(args, { scanners }) {
    const entry = scannerNamed(args, scanners)
    const wanted = args.name_filter?.toLowerCase() ?? ''
    const shown = await scanners.scanner(entry.key).policies()
    const all = shown
      .filter(({ name }) => name.toLowerCase().includes(wanted))
      .toSorted((a, b) => a.name.localeCompare(b.name) || a.id - b.id)
    const result = {
      scanner_instance: entry.instanceId,
      total: all.length,
      policies: all.slice(0, args.limit).map((policy) => ({
        policy_id: policy.id,
        name: policy.name,
        description: policy.description,
        template: policy.template ?? null,
        owner: policy.owner ?? null,
        last_modified_at: dateOf(policy.lastModifiedAt),
        usable: policy.obstacle === undefined,
        problem: policy.obstacle ?? null,
      })),
      next: 'A run tool with policy (and scanner_instance, where there are several) scans with one of them.',
    }
    return { reply: { result } }
  },
})

/** A date far out of bounds is no date. */
function dateOf(seconds: number | undefined): string | null {
  const date = new Date((seconds ?? 0) * 1000)
  return seconds === undefined || Number.isNaN(date.getTime()) ? null : date.toISOString()
}
