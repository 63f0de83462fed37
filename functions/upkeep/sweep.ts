/**
 * Looks for what should move and does not: waiting scans beside a free slot, and
 * running scans whose next event is nowhere. Neither can come about by a crash;
 * both can by hands in Redis, a restored backup, or a scanner enabled again.
 *
 *   sweep.due → sweep → slot.freed (per pool with a queue), and the event that a lost scan waits for
 *
 * Safe to run twice: a scan is given a new event only from the revision read here.
 */
import * as v from 'valibot'
import { upkeepFunction } from '../../lib/runtime/function.ts'
import { lostScans } from '../../lib/scan-work/recover/lost-scans.ts'
import { update } from '../../lib/scans/change.ts'
import { COURSE, eventAt } from '../../lib/scans/course.ts'

const None = v.object({})
/** Every event with which a scan may go on. */
const lostEvents = Object.fromEntries(COURSE.map(({ goesOnWith }) => [goesOnWith, None])) as Readonly<
  Record<(typeof COURSE)[number]['goesOnWith'], typeof None>
>

export default upkeepFunction({
  name: 'sweep',
  consumes: ['sweep.due'],
  input: None,
  emits: { 'slot.freed': v.object({ pool: v.string() }), ...lostEvents },

  async run(_data, context) {
    const { scanners, scans, log } = context
    const waiting = await Promise.all(
      scanners.pools().map(async (pool) => {
        const instances = scanners.entries().flatMap((entry) => (entry.pool === pool ? [entry.instanceId] : []))
        return (await scans.queueDepth(pool, instances)) > 0 ? [pool] : []
      }),
    )
    const lost = await lostScans(context)
    for (const scan of lost) log.warn('a scan had lost its next event', { task: scan.task_id, step: scan.step })
    return {
      scans: lost.map((scan) => update(scan, {})),
      emit: [
        ...waiting.flat().map((pool) => ({ type: 'slot.freed' as const, data: { pool }, subject: null })),
        ...lost.map((scan) => ({ type: eventAt(scan.step), data: {}, subject: scan.task_id })),
      ],
    }
  },
})
