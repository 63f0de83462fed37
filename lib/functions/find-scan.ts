import { Refusal } from '../base/errors.ts'
import type { Transaction } from '../bus/transaction.ts'
import type { Scan } from '../scans/record.ts'
import type { Services } from './services.ts'

/** The scan of a tool's `task_id` argument; refuses an unknown one. */
export async function findScan(taskId: string, { scans }: Pick<Services, 'scans'>): Promise<Scan> {
  const scan = await scans.get(taskId)
  if (scan) return scan
  throw new Refusal(
    'not_found',
    `There is no scan ${taskId}: it never was, has expired or was deleted. See list_tasks.`,
    {
      task_id: taskId,
    },
  )
}

/** Notes that someone looked at the scan, which puts off its expiry. Outside the record's revision: readers must not disturb writers. */
export function touch(scan: Scan, { scanKeys, now }: Pick<Services, 'scanKeys'> & { now: Date }): Transaction {
  return { guards: [], writes: [['ZADD', scanKeys.accessed, String(now.getTime()), scan.task_id]] }
}
