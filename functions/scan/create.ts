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
import { type Context, scanFunction } from '../../lib/runtime/function.ts'
import { nothing } from '../../lib/runtime/outcome.ts'
import { scannerOf } from '../../lib/scanners/scanner-of.ts'
import type { NewScan } from '../../lib/scanners/scanner.ts'
import { scanCredentials } from '../../lib/scanners/scan-credentials.ts'
import { update } from '../../lib/scans/change.ts'
import type { Scan } from '../../lib/scans/record.ts'
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
    let id = scan.scanner_scan_id
    if (id === undefined) {
      await context.confirm()
      id = await scanner.findByMarker(scan.task_id)
    }
    if (id === undefined) {
      const asked = await newScan(scan, context)
      id = await scanner.create(asked, await context.confirm())
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

async function newScan(scan: Scan, context: Context): Promise<NewScan> {
  const credentials = await scanCredentials(scan, context)
  return {
    name: scan.name,
    description: scan.description,
    marker: scan.task_id,
    targets: scan.targets.text,
    template: scan.template,
    ...(credentials === undefined ? {} : { credentials }),
  }
}
