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
import { nothing, says } from '../../lib/runtime/outcome.ts'
import { notesHeard } from '../../lib/scan-work/end/notes-heard.ts'
import { removeIfDeleted } from '../../lib/scan-work/end/remove-if-deleted.ts'
import { awaitExport } from '../../lib/scanners/await-export.ts'
import { claimOf } from '../../lib/scanners/claim-of.ts'
import { findRun, NotOursError } from '../../lib/scanners/own-scan.ts'
import { scannerOf } from '../../lib/scanners/scanner-of.ts'
import { update } from '../../lib/scans/change.ts'

export default scanFunction({
  name: 'export',
  consumes: ['scan.finished'],
  concurrency: 10,
  // A scanner that forgets its exports, or fails at them, may do so for minutes.
  attemptsMax: 20,
  input: v.object({}),
  emits: { 'report.exported': says('The report of the scan lies in the data directory.', { sha256: v.string() }) },

  async run(_data, context) {
    const { scan, reports, limits, event, signal } = context
    if (scan.next !== event.id) return nothing
    const scanner = await scannerOf(scan, context)
    const found = await findRun(scanner, claimOf(scan))
    if (found.is !== 'ours') throw new NotOursError(found)
    const handle = await awaitExport(scanner, found.run, signal)
    const bytes = await scanner.download(found.run, handle)
    const { sizeBytes, sha256 } = await reports.receive(scan.task_id, bytes, { bytesMax: limits.resultBytesMax })
    return {
      scans: [
        update(scan, { step: 'validating', native: { size_bytes: sizeBytes, sha256 }, ...notesHeard(found.state) }),
      ],
      emit: [{ type: 'report.exported', data: { sha256 } }],
      undo: () => removeIfDeleted(scan.task_id, context),
    }
  },
})
