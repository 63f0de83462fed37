/**
 * MCP tool `forget_scan`: takes back a scan or an import that was a mistake, out of the ledger too.
 *
 *   tool.forget_scan → forget_scan → scan.deleted (where there still is a record of the scan)
 *
 * Safe to run twice: what was taken out is out, and the record goes only from the revision read here.
 */
import * as v from 'valibot'
import { Refusal } from '../../lib/base/errors.ts'
import { TaskId } from '../../lib/facts/task-id.ts'
import { tool } from '../../lib/runtime/tool.ts'
import { Deleted, leftAtScanner } from '../../lib/scan-work/end/deletion-event.ts'
import { erase } from '../../lib/scans/change.ts'
import { isFinal } from '../../lib/scans/states.ts'

export default tool({
  name: 'forget_scan',
  title: 'Take back a scan',
  description:
    'Takes back a scan or an import that was a mistake, as if it had never been: deleted like with delete_scan, and taken out of the ledger, where a deleted ' +
    'scan stays otherwise: what it alone found is gone, what it alone proved fixed is open again. It cannot be entered again; import the file anew. Ask the user before.',
  toolset: 'details',
  nature: 'destroys',
  arguments: v.object({ task_id: v.pipe(TaskId, v.description('The scan, also one that was deleted before.')) }),
  output: v.object({ task_id: v.string(), deleted: v.boolean(), was_in_ledger: v.boolean(), next: v.string() }),
  emits: { 'scan.deleted': Deleted },

  async run({ task_id }, { scans, reports }) {
    const scan = await scans.get(task_id)
    if (scan && !isFinal(scan.status)) {
      const message = `Scan ${task_id} has not ended. Stop it with stop_scan first.`
      throw new Refusal('conflict', message, { task_id, status: scan.status })
    }
    const wasInLedger = await reports.ledger.takeBack(task_id, { evenUnknown: scan !== undefined })
    if (!scan && !wasInLedger) {
      throw new Refusal('not_found', `There is no scan ${task_id}, and nothing of it in the ledger.`, { task_id })
    }
    const next = 'The scan is as if it had never been.'
    return {
      scans: scan ? [erase(scan)] : [],
      emit: scan ? [leftAtScanner(scan)] : [],
      reply: { result: { task_id, deleted: scan !== undefined, was_in_ledger: wasInLedger, next } },
    }
  },
})
