/**
 * A scan that was told to stop and does not: after a while its status says so, a
 * while later the scanner is told to end it at once, and all along an operator
 * may give it up by name.
 */
import type { Scan } from '../../scans/record.ts'

const STUCK_MS = 5 * 60_000
const KILL_MS = 10 * 60_000

export interface StuckStop {
  /** What the status says; `undefined` while it is not late yet. */
  readonly trouble: Scan['trouble']
  /** The scanner was given the time to stop it in order. */
  readonly kill: boolean
}

/** What to make of a scan that still has `status` at its scanner, and was first told to stop at `since`. */
export function stuckInStopping(
  { task_id: id, trouble }: Scan,
  status: string,
  { since, now }: { since: string; now: Date },
): StuckStop {
  const waitedMs = now.getTime() - Date.parse(since)
  if (waitedMs < STUCK_MS) return { trouble: undefined, kill: false }
  const message =
    `It was told to stop and is still ${status} at its scanner. It keeps its slot until that has ended; the scanner is told to end it at once after ` +
    `${KILL_MS / 60_000} minutes. If it never does, restart Nessus there, or give the scan up with \`nessus-mcp give-up ${id}\`.`
  const told = { since, with: 'scan' as const, message }
  // The same object as before would count as a trouble that is over.
  return { trouble: trouble?.message === message ? { ...trouble } : told, kill: waitedMs >= KILL_MS }
}
