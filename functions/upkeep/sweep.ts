/**
 * Looks for what should move and does not: waiting scans beside a free slot,
 * running scans whose next event is nowhere, and queues and slots that say other
 * than the records. None can come about by a crash; all can by hands in Redis, a
 * restored backup, or a scanner enabled again. Names what it cannot read.
 *
 *   sweep.due → sweep → slot.freed (per pool with a queue), and the event that a lost scan waits for
 *
 * Safe to run twice: a scan is given a new event only from the revision read here.
 */
import * as v from 'valibot'
import { upkeepFunction } from '../../lib/runtime/function.ts'
import { lostScans } from '../../lib/scan-work/recover/lost-scans.ts'
import { mendIndexes, placesOf } from '../../lib/scan-work/recover/mend-indexes.ts'
import { update } from '../../lib/scans/change.ts'
import { COURSE, eventAt } from '../../lib/scans/course.ts'
import { REMEDY_UNREADABLE } from '../../lib/scans/read-record.ts'

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
      placesOf(scanners).map(async ({ pool, instances }) => {
        return (await scans.queueDepth(pool, instances)) > 0 ? [pool] : []
      }),
    )
    const { lost, unreadable } = await lostScans(context)
    const mended = await mendIndexes(context)
    for (const scan of lost) log.warn('a scan had lost its next event', { task_id: scan.task_id, step: scan.step })
    for (const { task, what } of mended.found) log.warn('a scan was in the wrong place', { task_id: task, what })
    for (const { taskId, problem } of unreadable.named) {
      log.warn('a running scan has a record that cannot be read', {
        task_id: taskId,
        problem,
        remedy: REMEDY_UNREADABLE,
      })
    }
    return {
      scans: lost.map((scan) => update(scan, {})),
      emit: [
        ...waiting.flat().map((pool) => ({ type: 'slot.freed' as const, data: { pool }, subject: null })),
        ...lost.map((scan) => ({ type: eventAt(scan.step), data: {}, subject: scan.task_id })),
      ],
      also: { guards: mended.guards, writes: mended.writes },
    }
  },
})
