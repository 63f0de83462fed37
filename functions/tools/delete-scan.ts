/**
 * MCP tool `delete_scan`: removes a scan and everything that belongs to it.
 *
 *   tool.delete_scan → delete_scan → scan.deleted | scan.stop-requested (a running one, by force)
 *
 * Safe to run twice: the record goes only from the revision read here. Its files go after it, by the event.
 */
import * as v from 'valibot'
import { Refusal } from '../../lib/base/errors.ts'
import { deleteUnreadable } from '../../lib/scan-work/end/delete-unreadable.ts'
import { Deleted, leftAtScanner } from '../../lib/scan-work/end/deletion-event.ts'
import { findScan } from '../../lib/scan-work/show/find-scan.ts'
import { stopEmits, stopRunning } from '../../lib/scan-work/end/stop-scan.ts'
import { tool } from '../../lib/runtime/tool.ts'
import { erase, update } from '../../lib/scans/change.ts'
import { isUnreadable } from '../../lib/scans/read-record.ts'
import { TaskId } from '../../lib/facts/task-id.ts'

export default tool({
  name: 'delete_scan',
  title: 'Delete a scan',
  description: 'Removes a scan for good: record, report, and ours at the scanner. Ask the user before.',
  nature: 'destroys',
  arguments: v.object({
    task_id: v.pipe(TaskId, v.description('The scan.')),
    force: v.optional(
      v.pipe(v.boolean(), v.description('Even if it runs. It is stopped first; also if its record cannot be read.')),
      false,
    ),
  }),
  output: v.object({ task_id: v.string(), deleted: v.boolean(), next: v.string() }),
  emits: { ...stopEmits.running, 'scan.deleted': Deleted },

  async run({ task_id, force }, context) {
    if (force && isUnreadable((await context.scans.look([task_id]))[0])) {
      const next =
        'Its record could not be read. It is gone now, and what bears its name and task_id is removed at every scanner.'
      return { ...(await deleteUnreadable(task_id, context)), reply: { result: { task_id, deleted: true, next } } }
    }
    const scan = await findScan(task_id, context)
    if (scan.status !== 'running') {
      const result = { task_id, deleted: true, next: 'The scan and its results are gone.' }
      return { scans: [erase(scan)], emit: [leftAtScanner(scan)], reply: { result } }
    }
    if (!force) {
      throw new Refusal('conflict', `Scan ${task_id} is running. Stop it with stop_scan first, or send force: true.`, {
        task_id,
        status: scan.status,
      })
    }
    const next =
      'The scan is being stopped and will then be deleted: get_scan_status answers not_found once it is gone.'
    const reply = { result: { task_id, deleted: false, next } }
    if (scan.stopping) return { scans: [update(scan, { deleting: true })], reply }
    return { ...stopRunning(scan, 'deleted by force', { deleting: true }), reply }
  },
})
