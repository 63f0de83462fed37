/**
 * MCP tool `list_adoptions`: what is being taken in from scanners, what was, and what is scheduled.
 *
 *   tool.list_adoptions → list_adoptions
 *
 * Safe to run twice: it reads.
 */
import * as v from 'valibot'
import { keptAs } from '../../lib/scan-work/start/adoption.ts'
import { AdoptionView, adoptionView } from '../../lib/scan-work/show/adoption-view.ts'
import { ScannerArguments, scannerNamed } from '../../lib/scan-work/start/scanner-argument.ts'
import { tool } from '../../lib/runtime/tool.ts'

const MINUTE_MS = 60_000

export default tool({
  name: 'list_adoptions',
  title: 'Progress of taking in runs',
  description:
    'Progress of adopt_scans and of its schedules: per scanner the last adoption, how many runs were taken in, how many were passed over and ' +
    'why, and what is in its way.',
  toolset: 'scanners',
  nature: 'reads',
  arguments: v.object(ScannerArguments),
  output: v.object({
    adoptions: v.array(AdoptionView),
    schedules: v.array(
      v.object({
        scanner_instance: v.string(),
        scanner_pool: v.string(),
        every_minutes: v.number(),
        folder: v.nullable(v.string()),
        name_filter: v.nullable(v.string()),
        since: v.nullable(v.string()),
        partial: v.boolean(),
        limit: v.number(),
        last_began_at: v.nullable(v.string()),
      }),
    ),
  }),
  emits: {},

  async run(args, context) {
    const { scanners, keyspace, scanKeys } = context
    const isNamed = args.scanner_instance !== undefined || args.scanner_pool !== undefined
    const entries = isNamed ? [scannerNamed(args, scanners)] : scanners.entries()
    const kept = await keyspace.hash(scanKeys.adoptions)
    const known = entries.map((entry) => ({ entry, last: keptAs(kept[entry.key] ?? '').adoption }))
    const adoptions = await Promise.all(
      known.flatMap(({ entry, last }) => (last ? [adoptionView(last, entry, context)] : [])),
    )
    const schedules = known.flatMap(({ entry: { adopt, enabled, instanceId, pool }, last }) => {
      if (!adopt || !enabled) return []
      return [
        {
          scanner_instance: instanceId,
          scanner_pool: pool,
          every_minutes: adopt.everyMs / MINUTE_MS,
          folder: adopt.folder ?? null,
          name_filter: adopt.name ?? null,
          since: adopt.since ?? null,
          partial: adopt.partial,
          limit: adopt.limit,
          last_began_at: last?.scheduled_at ?? null,
        },
      ]
    })
    return { reply: { result: { adoptions, schedules } } }
  },
})
