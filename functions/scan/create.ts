/**
 * Creates the scan on its scanner, marked as ours by its task id.
 *
 *   scan.admitted → create → scan.created
 *
 * Safe to run twice: it looks for the marker first and adopts the scan an
 * earlier run made. Whatever it made after losing its event to another worker,
 * or after the scan was stopped, it removes again.
 */
import { defined } from '../../lib/base/defined.ts'
import * as v from 'valibot'
import { type Context, scanFunction } from '../../lib/runtime/function.ts'
import { nothing, says } from '../../lib/runtime/outcome.ts'
import { claimOf, madeThere } from '../../lib/scanners/claim-of.ts'
import { checkPolicy } from '../../lib/scanners/policy-now.ts'
import { removeOwn } from '../../lib/scan-work/end/remove-own.ts'
import { scannerOf } from '../../lib/scanners/scanner-of.ts'
import type { NewScan, Scanner } from '../../lib/scanners/scanner.ts'
import { furtherCredentials, scanCredentials } from '../../lib/scanners/scan-credentials.ts'
import { update } from '../../lib/scans/change.ts'
import type { Scan } from '../../lib/scans/record.ts'
import { isFinal } from '../../lib/scans/states.ts'

export default scanFunction({
  name: 'create',
  consumes: ['scan.admitted'],
  input: v.object({}),
  emits: { 'scan.created': says('The scan exists at its scanner.') },

  async run(_data, context) {
    const { scan, scans, event } = context
    const scanner = await scannerOf(scan, context)
    const our = { name: scan.name, marker: scan.task_id }
    if (scan.next !== event.id) {
      // Stopped while a scan of ours may just have been made, before anyone knew its id.
      const [orphan] = scan.scanner_scan_id === undefined ? await scanner.findMarked(our) : []
      if (orphan !== undefined) await removeOwn(scanner, claimOf(scan, orphan), our, { keepsRun: true })
      return nothing
    }
    const { id, made_there } = await foundOrMade(scan, scanner, context)
    return {
      scans: [update(scan, { step: 'launching', scanner_scan_id: id, made_there })],
      emit: [{ type: 'scan.created', data: {} }],
      async undo() {
        const current = await scans.get(scan.task_id)
        // Whoever has the event now finds what was made by its name, and may be about to say so.
        const adoptable = current && !isFinal(current.status) && current.scanner_scan_id === undefined
        if (adoptable || current?.scanner_scan_id === id) return
        await removeOwn(scanner, claimOf({ ...scan, made_there }, id), our, { keepsRun: true })
      },
    }
  },
})

/** The scan at its scanner, made unless an earlier run of this step has made it. */
async function foundOrMade(scan: Scan, scanner: Scanner, context: Context) {
  if (scan.scanner_scan_id !== undefined) return { id: scan.scanner_scan_id, made_there: scan.made_there }
  await context.confirm()
  const server = await scanner.serverFacts()
  const [found] = await scanner.findMarked({ name: scan.name, marker: scan.task_id })
  if (found !== undefined) return { id: found, made_there: madeThere({}, server) }
  const asked = await newScan(scan, context)
  const permit = await context.confirm()
  checkPolicy(scan, context.scanners)
  const made = await scanner.create(asked, permit)
  return { id: made.id, made_there: madeThere(made, server) }
}

async function newScan(scan: Scan, context: Context): Promise<NewScan> {
  const credentials = await scanCredentials(scan, context)
  const more = furtherCredentials(scan, context)
  return {
    name: scan.name,
    description: scan.description,
    marker: scan.task_id,
    targets: scan.targets.text,
    template: scan.template,
    ...defined({ policy: scan.policy, settings: scan.settings, credentials }),
    ...(more.length > 0 && { moreCredentials: more }),
  }
}
