import { Refusal } from '../../base/errors.ts'
import { ScanBusyError } from '../../scanners/away-error.ts'
import { claimOf } from '../../scanners/claim-of.ts'
import { findOwn } from '../../scanners/own-scan.ts'
import { scannerOf } from '../../scanners/scanner-of.ts'
import type { Scan } from '../../scans/record.ts'

/** What the scanner may say of a scan that can be paused, or resumed; what is so already stays so. */
const FITS = {
  pause: { statuses: ['running', 'pausing', 'paused'], wants: 'one that runs there can be paused' },
  resume: { statuses: ['paused', 'resuming', 'running'], wants: 'one that is paused there can be resumed' },
} as const

/** Pauses or resumes a running scan of ours at its scanner. Refuses when it is not in a state for that, or not ours to touch. */
export async function steer(
  scan: Scan,
  context: Parameters<typeof scannerOf>[1],
  verb: keyof typeof FITS,
): Promise<void> {
  const details = { task_id: scan.task_id, status: scan.status, step: scan.step }
  if (scan.origin !== 'created') {
    throw new Refusal(
      'forbidden',
      `Scan ${scan.task_id} was ${scan.origin}: people made it, and it is only read here.`,
      details,
    )
  }
  if (scan.status !== 'running' || scan.step !== 'scanning' || scan.scanner_scan_id === undefined) {
    const message = `Scan ${scan.task_id} is ${scan.status} (${scan.step}); only one that is scanning can be paused or resumed.`
    throw new Refusal('conflict', message, details)
  }
  const scanner = await scannerOf(scan, context)
  const found = await findOwn(scanner, claimOf(scan))
  if (found.is !== 'ours') {
    const remedy = 'remedy' in found ? ` ${found.remedy}` : ''
    throw new Refusal('conflict', `Scan ${scan.task_id} cannot be paused or resumed: ${found.why}.${remedy}`, details)
  }
  const { statuses, wants } = FITS[verb]
  const { status } = found.state
  const unfit = (seen: string) =>
    new Refusal('conflict', `Scan ${scan.task_id} is ${seen} at its scanner; only ${wants}. Try again in a moment.`, {
      ...details,
      scanner_status: seen,
    })
  if (!statuses.some((each) => each === status)) throw unfit(status)
  try {
    await scanner[verb](found.scan)
  } catch (error) {
    // It changed between the look and the request.
    if (error instanceof ScanBusyError) throw unfit('busy')
    throw error
  }
}
