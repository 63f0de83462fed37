/**
 * Creates the scan on its scanner, marked as ours by its task id.
 *
 *   scan.admitted → create → scan.created
 *
 * Safe to run twice: it looks for the marker first and adopts the scan an
 * earlier run made. Whatever it made after losing its event to another worker,
 * or after the scan was stopped, it removes again.
 */
import * as v from 'valibot'
import { scanFunction } from '../../lib/functions/function.ts'
import { nothing } from '../../lib/functions/outcome.ts'
import { scannerOf } from '../../lib/scanners/scanner-of.ts'
import { scanCredentials } from '../../lib/scanners/scan-credentials.ts'
import { update } from '../../lib/scans/change.ts'
import { hasEnded } from '../../lib/scans/states.ts'

export default scanFunction({
  name: 'create',
  consumes: ['scan.admitted'],
  input: v.object({}),
  emits: { 'scan.created': v.object({}) },

  async run(_data, context) {
    const { scan, scans, event } = context
    const scanner = scannerOf(scan, context)
    if (scan.next !== event.id) {
      // Stopped while a scan of ours may just have been made, before anyone knew its id.
      const orphan = scan.scanner_scan_id === undefined ? await scanner.findByMarker(scan.task_id) : undefined
      if (orphan !== undefined) await scanner.remove(orphan)
      return nothing
    }
    let id = scan.scanner_scan_id ?? (await scanner.findByMarker(scan.task_id))
    if (id === undefined) {
      const credentials = await scanCredentials(scan, context)
      await context.confirm()
      id = await scanner.create({
        name: scan.name,
        description: scan.description,
        marker: scan.task_id,
        targets: scan.targets.text,
        template: scan.template,
        ...(credentials === undefined ? {} : { credentials }),
      })
    }
    const made = id
    return {
      scans: [update(scan, { step: 'launching', scanner_scan_id: made })],
      emit: [{ type: 'scan.created', data: {} }],
      async undo() {
        const current = await scans.get(scan.task_id)
        // Whoever has the event now finds what was made by its marker, and may be about to say so.
        const adoptable = current && !hasEnded(current.status) && current.scanner_scan_id === undefined
        if (!adoptable && current?.scanner_scan_id !== made) await scanner.remove(made)
      },
    }
  },
})
