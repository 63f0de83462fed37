/** Enters a scan in the ledger, as far as there is a report that can be read. */
import { PermanentError } from '../../base/errors.ts'
import type { Reports } from '../../reports/reports.ts'
import type { Services } from '../../runtime/services.ts'

/** Whether it was entered now. Trouble that passes is thrown. */
export async function enterIfReadable(
  scan: { readonly task_id: string; readonly name: string },
  { ledger }: Pick<Reports, 'ledger'>,
): Promise<boolean> {
  try {
    return await ledger.enter(scan)
  } catch (error) {
    // No report, or none that can be read: there is nothing to enter, now or at another try.
    if (error instanceof PermanentError) return false
    throw error
  }
}

/** The same just before the report goes. Where the disk is full the report goes all the same, since that is what frees the disk. */
export async function enterLast(
  scan: { readonly task_id: string; readonly name: string },
  { reports, log }: Pick<Services, 'reports' | 'log'>,
): Promise<void> {
  try {
    await enterIfReadable(scan, reports)
  } catch (error) {
    if (!isFull(error)) throw error
    log.warn('deleted without being entered in the ledger: the disk is full', { task_id: scan.task_id })
  }
}

const isFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
