/**
 * The states of a run and what moves it from one to the next.
 *
 *   (launch) → pending → running → completed
 *   running → pausing → paused → (resume) resuming → running
 *   any that is not final → (stop) stopping → canceled
 *   any that is not final → (restart, kill) aborted
 *
 *   LC1. At most `maxScans` runs hold an engine. A run holds one from `running` until it
 *        is paused or final; who finds none waits, `pending` or `resuming`, first come first served.
 *   LC2. A scheduled event acts only if the run has not changed state since it was scheduled.
 *   LC3. A final state is never left.
 */
import type { Timeline } from '../timeline.ts'
import { makeEngines } from './engines.ts'
import type { Run, RunStatus } from './scan.ts'
import { runIsOver } from './scan.ts'

/** How long each in-between state lasts, as a part of the scan's duration. */
const PENDING_PART = 0.05
const STOPPING_PART = 0.05
const PAUSING_PART = 0.02

/** What becomes at the next start of a run that was on its way; one that waited begins anew. */
const AT_START: Readonly<Partial<Record<RunStatus, RunStatus>>> = {
  running: 'resuming',
  resuming: 'resuming',
  pausing: 'paused',
  stopping: 'canceled',
}

export interface RunCourse {
  /** Takes a fresh `pending` run on its way. */
  begin(run: Run): void
  /** Takes a run up again that an earlier process had on its way. */
  goOn(run: Run): void
  /** Each answers false when the run's state does not allow it. */
  pause(run: Run): boolean
  resume(run: Run): boolean
  stop(run: Run): boolean
  /** Ends the run at once. */
  end(run: Run, status: 'aborted' | 'canceled'): boolean
  running(): number
  /** The most runs that ever held an engine at the same time. */
  runningMax(): number
}

export function makeRunCourse({ timeline, maxScans }: { timeline: Timeline; maxScans: number }): RunCourse {
  const engines = makeEngines({
    maxScans,
    start(run) {
      run.startedAtMs ??= timeline.now()
      enter(run, 'running')
      later(run, run.durationMs - run.workedMs, () => leave(run, 'completed'))
    },
  })

  function enter(run: Run, status: RunStatus): void {
    const nowMs = timeline.now()
    if (run.runningSinceMs !== undefined) run.workedMs += nowMs - run.runningSinceMs
    run.runningSinceMs = status === 'running' ? nowMs : undefined
    run.status = status
    run.changedAtMs = nowMs
    run.step += 1
    if (runIsOver(status)) run.endedAtMs = nowMs
  }

  function leave(run: Run, status: RunStatus): void {
    enter(run, status)
    engines.release(run)
  }

  function later(run: Run, delayMs: number, event: () => void): void {
    const { step } = run
    timeline.after(delayMs, () => {
      if (run.step === step) event()
    })
  }

  const begin = (run: Run) => later(run, run.durationMs * PENDING_PART, () => engines.queue(run))

  return {
    begin,
    goOn(run) {
      if (run.status === 'pending') return begin(run)
      const next = AT_START[run.status]
      if (next !== undefined) enter(run, next)
      if (next === 'resuming') engines.queue(run)
    },
    pause(run) {
      if (run.status !== 'running') return false
      enter(run, 'pausing')
      later(run, run.durationMs * PAUSING_PART, () => leave(run, 'paused'))
      return true
    },
    resume(run) {
      if (run.status !== 'paused') return false
      enter(run, 'resuming')
      later(run, run.durationMs * PAUSING_PART, () => engines.queue(run))
      return true
    },
    stop(run) {
      if (runIsOver(run.status) || run.status === 'stopping') return false
      enter(run, 'stopping')
      engines.stopWaiting(run)
      later(run, run.durationMs * STOPPING_PART, () => leave(run, 'canceled'))
      return true
    },
    end(run, status) {
      if (runIsOver(run.status)) return false
      leave(run, status)
      return true
    },
    running: () => engines.held(),
    runningMax: () => engines.heldMax(),
  }
}
