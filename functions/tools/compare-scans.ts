/**
 * MCP tool `compare_scans`: what changed between two scans.
 *
 *   tool.compare_scans → compare_scans
 *
 * Safe to run twice: it reads.
 */
import * as v from 'valibot'
import { Comparison } from '../../lib/reports/ask/answers.ts'
import { Refusal } from '../../lib/base/errors.ts'
import { readableScan, touch } from '../../lib/scan-work/show/find-scan.ts'
import { tool } from '../../lib/runtime/tool.ts'
import { TaskId } from '../../lib/facts/task-id.ts'

export default tool({
  name: 'compare_scans',
  title: 'Compare two scans',
  description:
    'What changed from one scan to a newer one (difference, since): findings that are new (appeared), fixed (did we get rid of it: looked for ' +
    'again, really gone), persisting (still there, stayed), of other severity, or not retested (cannot be called fixed: host not seen, login ' +
    'lost, port or plugin not covered); audit checks now; hosts added or gone, the same machine renamed.',
  nature: 'reads',
  arguments: v.object({
    old_task_id: v.pipe(TaskId, v.description('The earlier scan.')),
    new_task_id: v.pipe(TaskId, v.description('The later scan.')),
    severity_min: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(0),
        v.maxValue(4),
        v.description('Lowest severity. 1 leaves out info.'),
      ),
      1,
    ),
    limit: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(1),
        v.maxValue(200),
        v.description('Listed of each kind. Counts are whole.'),
      ),
      20,
    ),
  }),
  output: v.object({ old_task_id: v.string(), new_task_id: v.string(), ...Comparison.entries }),
  emits: {},

  async run({ old_task_id, new_task_id, severity_min, limit }, context) {
    if (old_task_id === new_task_id) {
      throw new Refusal('invalid_argument', 'old_task_id and new_task_id are the same scan.', {
        arguments: ['new_task_id'],
      })
    }
    const earlier = await readableScan(old_task_id, context)
    const later = await readableScan(new_task_id, context)
    const comparison = await context.reports.compare(old_task_id, new_task_id, { severityMin: severity_min, limit })
    const touched = [touch(earlier, context), touch(later, context)]
    return {
      reply: { result: { old_task_id, new_task_id, ...comparison } },
      also: { guards: [], writes: touched.flatMap(({ writes }) => writes) },
    }
  },
})
