/** Shows that a scan was accepted, and with `wait` follows it to its findings. */
import type { Result } from '../../../lib/client/call.ts'
import type { ExitCode } from './exit-codes.ts'
import { followScan } from './follow-scan.ts'
import type { CommandContext } from './client-command.ts'

export interface WaitFlags {
  readonly wait?: boolean
  /** Milliseconds. */
  readonly timeout?: number
}

export async function showAccepted(
  accepted: Result<'run_untrusted_scan'>,
  { wait, timeout: timeoutMs }: WaitFlags,
  context: CommandContext,
): Promise<ExitCode | undefined> {
  const { output } = context
  const again = accepted.idempotent ? ' (the scan of the same request made before)' : ''
  if (wait) {
    output.note(`Scan ${accepted.task_id} is ${accepted.status}${again}.`)
    return followScan(accepted.task_id, context, timeoutMs === undefined ? {} : { timeoutMs })
  }
  if (output.json) output.writeJson(accepted)
  else output.write(`${accepted.task_id}\n`)
  const place = accepted.queue_position === null ? '' : `, number ${accepted.queue_position} in the queue`
  output.note(
    `${accepted.status} in pool ${accepted.scanner_pool}${place}${again}. Follow it: nessus-mcp status ${accepted.task_id} --watch`,
  )
  return undefined
}
