/**
 * Fetches the finished scan's report into the data directory.
 *
 *   scan.finished → export → report.exported
 *
 * Safe to run twice: the file appears under its name only when it is whole, and
 * a second run replaces it with the same report. If the scan was deleted
 * meanwhile, the file goes again.
 */
import * as v from 'valibot'
import { scanFunction } from '../../lib/runtime/function.ts'
import { nothing } from '../../lib/runtime/outcome.ts'
import { removeIfDeleted } from '../../lib/scan-work/end/remove-if-deleted.ts'
import { awaitExport } from '../../lib/scanners/await-export.ts'
import { scannerOf } from '../../lib/scanners/scanner-of.ts'
import { update } from '../../lib/scans/change.ts'

export default scanFunction({
  name: 'export',
  consumes: ['scan.finished'],
  concurrency: 10,
  input: v.object({}),
  emits: { 'report.exported': v.object({ sha256: v.string() }) },

  async run(_data, context) {
    const { scan, reports, limits, event, signal } = context
    if (scan.next !== event.id) return nothing
    const scanner = scannerOf(scan, context)
    const id = scan.scanner_scan_id!
    const handle = await awaitExport(scanner, id, signal)
    const bytes = await scanner.download(id, handle)
    const { sizeBytes, sha256 } = await reports.receive(scan.task_id, bytes, { bytesMax: limits.resultBytesMax })
    return {
      scans: [update(scan, { step: 'validating', native: { size_bytes: sizeBytes, sha256 } })],
      emit: [{ type: 'report.exported', data: { sha256 } }],
      undo: () => removeIfDeleted(scan.task_id, context),
    }
  },
})
