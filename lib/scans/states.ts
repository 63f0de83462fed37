/**
 * The life of a scan, in one table. The settle script refuses every other
 * transition, so no two processes can disagree about it.
 *
 *   (new) ─▶ queued ─▶ running ─▶ completed | failed | timeout | canceled
 *              └─────────────────▶ failed | canceled
 *   (new) ─▶ running               adopted scans: they wait for no slot
 *   (new) ─▶ completed             imported reports
 *   failed ─▶ queued | running     by replay alone
 *   failed ─▶ completed            by repair alone: its report can be read after all
 *
 * queued: waits in its pool's queue. running: holds a slot on its scanner, from
 * admission until it ends. The rest are ends.
 */
import { COURSE } from './course.ts'

export const STATUSES = ['queued', 'running', 'completed', 'failed', 'timeout', 'canceled'] as const
export type Status = (typeof STATUSES)[number]

/** What a queued or running scan is at. */
export const STEPS = ['waiting', ...COURSE.map(({ step }) => step), 'done'] as const
export type Step = (typeof STEPS)[number]

/** `''` is: there is no record yet. */
type From = Status | ''

/** A status a scan may come from to be in the key's status; staying as it is always is legal. */
const COMES_FROM: Readonly<Record<Status, readonly From[]>> = {
  queued: ['', 'queued'],
  running: ['', 'queued', 'running'],
  completed: ['', 'running', 'completed'],
  failed: ['queued', 'running', 'failed'],
  timeout: ['running', 'timeout'],
  canceled: ['queued', 'running', 'canceled'],
}

/** What a replay may do beyond that. */
const REPLAY_FROM: Readonly<Partial<Record<Status, readonly From[]>>> = { queued: ['failed'], running: ['failed'] }

/** What a repair may do: the report of a scan that failed for its report alone can be read after all. */
const REPAIR_FROM: typeof REPLAY_FROM = { completed: ['failed'] }

export function legalOrigins(to: Status, options: { replay: boolean; repair?: boolean }): readonly From[] {
  const more = [...((options.replay && REPLAY_FROM[to]) || []), ...((options.repair && REPAIR_FROM[to]) || [])]
  return more.length === 0 ? COMES_FROM[to] : [...COMES_FROM[to], ...more]
}

export function isFinal(status: Status): boolean {
  return status !== 'queued' && status !== 'running'
}
