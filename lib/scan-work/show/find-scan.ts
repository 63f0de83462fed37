import { Refusal } from '../../base/errors.ts'
import type { Transaction } from '../../bus/transaction.ts'
import { isUnreadable, REMEDY_UNREADABLE, type Unreadable } from '../../scans/read-record.ts'
import type { Scan } from '../../scans/record.ts'
import { isFinal } from '../../scans/states.ts'
import type { Services } from '../../runtime/services.ts'
import { remedyNow } from '../recover/remedy-now.ts'
import { resultsAvailable } from './status-view.ts'

/** The scan of a tool's `task_id` argument; refuses an unknown one. */
export async function findScan(taskId: string, { scans }: Pick<Services, 'scans'>): Promise<Scan> {
  const [scan] = await scans.look([taskId])
  if (isUnreadable(scan)) throw unreadableRefusal(scan)
  if (scan) return scan
  throw new Refusal(
    'not_found',
    `There is no scan ${taskId}: it never was, has expired or was deleted. See list_tasks.`,
    {
      task_id: taskId,
    },
  )
}

/** What a caller is told of a scan whose record cannot be read. */
export function unreadableRefusal({ taskId, problem }: Unreadable): Refusal {
  const message = `The record of scan ${taskId} cannot be read: ${problem}. ${REMEDY_UNREADABLE}`
  return new Refusal('conflict', message, { task_id: taskId, problem })
}

export type ReadingSources = Pick<Services, 'scans' | 'scanners' | 'keyspace' | 'scanKeys' | 'busKeys'>

/** The scan, if its results can be read; refuses with what to do instead. */
export async function readableScan(taskId: string, services: ReadingSources): Promise<Scan> {
  const scan = await findScan(taskId, services)
  if (resultsAvailable(scan)) return scan
  throw notReady(scan, await remedyNow(scan, services))
}

function notReady(scan: Scan, remedy: string | undefined): Refusal {
  const details = { task_id: scan.task_id, status: scan.status, step: scan.step }
  if (!isFinal(scan.status)) {
    const message = `Scan ${scan.task_id} is ${scan.status}; it has no results yet. Call get_scan_status with wait_seconds 45 until it is completed.`
    return new Refusal('not_ready', message, details)
  }
  const why = scan.failure ? `: ${scan.failure.message}. ${remedy ?? scan.failure.remedy}` : '.'
  return new Refusal('not_ready', `Scan ${scan.task_id} ended as ${scan.status} without a report${why}`, details)
}

/** Notes that someone looked at the scan, which puts off its expiry. Outside the record's revision: readers must not disturb writers. */
export function touch(scan: Scan, { scanKeys, now }: Pick<Services, 'scanKeys'> & { now: Date }): Transaction {
  return { guards: [], writes: [['ZADD', scanKeys.accessed, String(now.getTime()), scan.task_id]] }
}
