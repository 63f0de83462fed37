/**
 * Waits until a scan has ended, by asking for its status in calls that last
 * until something changes. A gateway that restarts meanwhile is waited for too.
 */
import { TimeoutError, ToolError } from './errors.ts'
import { pause } from './pause.ts'
import { passes } from './retry.ts'
import type { ScanStatus } from './tool-results.ts'

export interface WaitOptions {
  /** Throws {@link TimeoutError} after so long; the scan goes on. Default: a day. */
  readonly timeoutMs?: number
  /** How long one call waits for a change, at most 45 s, and with a shorter one how often it is asked. Default: 45 s. */
  readonly pollMs?: number
  /** Called with the first status, and with each that differs from the one before. */
  readonly onProgress?: (status: ScanStatus) => void
  /** Ends the waiting with its reason; the scan goes on. */
  readonly signal?: AbortSignal
}

export type AskStatus = (
  taskId: string,
  waitSeconds: number,
  limits: { readonly timeoutMs: number; readonly signal?: AbortSignal },
) => Promise<ScanStatus>

const TIMEOUT_MS = 24 * 3_600_000
const WAIT_MAX_MS = 45_000
/** A gateway that answers at once although nothing changed is not asked more often than this. */
const PACE_MS = 1000
/** How long the gateway may be away before the waiting is given up. */
const AWAY_MAX_MS = 120_000
/** How much longer than it was asked to wait a gateway may take to answer. */
const ANSWER_MAX_MS = 30_000

const ENDED = new Set(['completed', 'failed', 'timeout', 'canceled'])

/** Whether a status is final. */
export function hasEnded(status: string): boolean {
  return ENDED.has(status)
}

/** The status of the scan once it has ended, however it ended. Throws what `ask` throws, but for lost connections. */
export async function waitForCompletion(
  ask: AskStatus,
  taskId: string,
  options: WaitOptions = {},
): Promise<ScanStatus> {
  const { timeoutMs = TIMEOUT_MS, pollMs = WAIT_MAX_MS, onProgress, signal } = options
  const paceMs = Math.min(PACE_MS, pollMs)
  const deadlineMs = performance.now() + timeoutMs
  let last: ScanStatus | undefined
  let lostMs: number | undefined
  for (;;) {
    signal?.throwIfAborted()
    const startMs = performance.now()
    const leftMs = deadlineMs - startMs
    if (leftMs <= 0 && last) throw new TimeoutError(taskId, timeoutMs)
    // The first answer comes at once: a caller wants to see where the scan stands.
    const waitMs = last ? Math.min(WAIT_MAX_MS, pollMs, leftMs) : 0
    try {
      const timeoutMs = Math.max(0, Math.min(leftMs, waitMs + ANSWER_MAX_MS))
      const status = await ask(taskId, Math.max(0, waitMs) / 1000, { timeoutMs, ...(signal ? { signal } : {}) })
      lostMs = undefined
      const same = last !== undefined && isSame(last, status)
      last = status
      if (!same) onProgress?.(status)
      if (hasEnded(status.status)) return status
      if (same && performance.now() - startMs < paceMs) await rest(paceMs, deadlineMs, signal)
    } catch (error) {
      if (performance.now() >= deadlineMs && mayPass(error)) throw new TimeoutError(taskId, timeoutMs, { cause: error })
      // A gateway that never answered is more likely a wrong address than one that restarts.
      if (!last || !mayPass(error)) throw error
      lostMs ??= startMs
      if (performance.now() - lostMs > AWAY_MAX_MS) throw error
      await rest(paceMs, deadlineMs, signal)
    }
  }
}

/** The gateway, its workers or Redis are away for a while, as in a restart. */
function mayPass(error: unknown): boolean {
  return passes(error) || (error instanceof ToolError && error.code === 'busy')
}

function isSame(a: ScanStatus, b: ScanStatus): boolean {
  return (
    a.status === b.status &&
    a.step === b.step &&
    a.progress === b.progress &&
    a.queue_position === b.queue_position &&
    a.hosts_found === b.hosts_found
  )
}

async function rest(ms: number, deadlineMs: number, signal: AbortSignal | undefined): Promise<void> {
  const leftMs = Math.max(0, deadlineMs - performance.now())
  await pause(Math.min(ms, leftMs), signal)
}
