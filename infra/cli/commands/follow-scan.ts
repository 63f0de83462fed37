/** Shows a scan's progress until it has ended, then what was found. */
import { defined } from '../../../lib/base/defined.ts'
import type { ScanStatus } from '../../../lib/client/tool-results.ts'
import { hasEnded } from '../../../lib/client/wait-for-completion.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import type { CommandContext } from './client-command.ts'
import { showOutcome } from './show-outcome.ts'
import { count, durationText } from './terminal/amounts.ts'

const WATCHED_MS = 2000
const UNWATCHED_MS = 15_000

export interface FollowOptions {
  readonly timeoutMs?: number
}

/** Waits for the scan and prints its outcome. Ctrl-C leaves the scan running and says how to come back. */
export async function followScan(
  taskId: string,
  { client, output, signal }: CommandContext,
  options: FollowOptions = {},
): Promise<ExitCode> {
  const bar = output.progress()
  let shown: ScanStatus | undefined
  const show = () => {
    if (shown) bar.show(shown.progress ?? undefined, progressText(shown, Date.now()))
  }
  // Between two changes the clock goes on.
  const ticker = process.stderr.isTTY ? setInterval(show, 1000) : undefined
  try {
    const status = await client.waitForCompletion(taskId, {
      signal,
      // A call waits for a new status or step; between two of them a person wants to see the percent.
      pollMs: process.stderr.isTTY ? WATCHED_MS : UNWATCHED_MS,
      onProgress(next) {
        shown = next
        if (!hasEnded(next.status)) show()
      },
      ...defined({ timeoutMs: options.timeoutMs }),
    })
    bar.clear()
    await showOutcome(status, { client, output, signal })
    return status.status === 'completed' ? EXIT.ok : EXIT.scanNotCompleted
  } catch (error) {
    bar.clear()
    if (!signal.aborted) throw error
    output.note(`The scan goes on. Come back with: nessus-mcp status ${taskId} --watch`)
    return EXIT.interrupted
  } finally {
    clearInterval(ticker)
  }
}

/** One line: what the scan is at, on what, what keeps it waiting, and for how long. */
export function progressText(status: ScanStatus, nowMs: number): string {
  const sinceMs = nowMs - Date.parse(status.started_at ?? status.created_at)
  const parts = [
    status.status === 'queued' ? queueText(status) : status.stopping === null ? status.step : 'stopping',
    status.scanner_instance ?? '',
    status.hosts_found ? count(status.hosts_found, 'host') : '',
    status.trouble ? `waits: ${status.trouble.message}` : '',
    // A line per second would only fill a log.
    process.stderr.isTTY ? durationText(sinceMs) : '',
  ]
  return parts.filter((part) => part !== '').join(' · ')
}

function queueText({ queue_position: position, scanner_pool: pool }: ScanStatus): string {
  return position === null ? `waiting in pool ${pool}` : `waiting in pool ${pool}, number ${position} in the queue`
}
