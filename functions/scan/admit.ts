/**
 * Gives a waiting scan a slot on a scanner of its pool, or leaves it waiting.
 *
 *   scan.requested, scan.ended, slot.freed → admit → scan.admitted, slot.freed (while there may be more to place)
 *
 * Safe to run twice: a scan is admitted only from the revision read here and only
 * while its scanner has room, so a second run places the next scan or none.
 */
import * as v from 'valibot'
import { parseEvent } from '../../lib/bus/event.ts'
import { upkeepFunction } from '../../lib/runtime/function.ts'
import { nothing, says } from '../../lib/runtime/outcome.ts'
import { findPlace } from '../../lib/scanners/admission.ts'
import { keepWrite } from '../../lib/scanners/kept-entries.ts'
import { update } from '../../lib/scans/change.ts'

export default upkeepFunction({
  name: 'admit',
  consumes: ['scan.requested', 'scan.ended', 'slot.freed'],
  input: v.object({ pool: v.string() }),
  emits: {
    'scan.admitted': says('The scan has a slot on a scanner.'),
    'slot.freed': says('There may be room in the pool: look at its queue.', { pool: v.string() }),
  },

  async run({ pool }, context) {
    const place = await findPlace(pool, context)
    if (!place) return nothing
    const { scan, entry } = place
    const { resume } = scan
    return {
      scans: [
        update(
          scan,
          {
            status: 'running',
            step: resume?.step ?? 'creating',
            resume: undefined,
            scanner_instance: entry.instanceId,
            started_at: scan.started_at ?? context.now.toISOString(),
          },
          { capacity: entry.maxConcurrentScans },
        ),
      ],
      emit: [
        { type: 'slot.freed', data: { pool }, subject: null },
        ...(resume ? [] : [{ type: 'scan.admitted' as const, data: {}, subject: scan.task_id }]),
      ],
      // A replayed scan goes on where it was, with the very event that had died.
      posts: resume ? [{ to: resume.function, event: parseEvent(resume.event), delayMs: 0, attempt: 1 }] : [],
      also: {
        guards: [],
        writes: [
          ['ZADD', context.scanKeys.lastUsed, String(context.now.getTime()), entry.key],
          keepWrite(entry, context),
        ],
      },
    }
  },
})
