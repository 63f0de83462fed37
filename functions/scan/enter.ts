/**
 * Enters a scan that has ended in the ledger: what was found, where, and how it was looked for, in a record that outlives its report.
 *
 *   scan.ended, ledger.due → enter
 *
 * Safe to run twice: the record depends on the report alone and replaces itself whole.
 */
import * as v from 'valibot'
import { scanFunction } from '../../lib/runtime/function.ts'
import { nothing } from '../../lib/runtime/outcome.ts'
import { enterIfReadable } from '../../lib/scan-work/end/enter-ledger.ts'
import { resultsAvailable } from '../../lib/scan-work/show/status-view.ts'

export default scanFunction({
  name: 'enter',
  consumes: ['scan.ended', 'ledger.due'],
  // Each holds a report.
  concurrency: 2,
  input: v.object({}),
  emits: {},

  async run(_data, { scan, reports, log }) {
    if (!resultsAvailable(scan)) return nothing
    if (await enterIfReadable(scan, reports)) log.info('entered in the ledger', { task_id: scan.task_id })
    return nothing
  },
})
