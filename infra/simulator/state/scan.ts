/** A scan and its runs as the simulator keeps them: small, so that thousands fit. */

export type RunStatus =
  | 'pending'
  | 'running'
  | 'pausing'
  | 'paused'
  | 'resuming'
  | 'stopping'
  | 'canceled'
  | 'completed'
  | 'aborted'

export type SimulatedStatus = 'empty' | RunStatus

const FINAL: ReadonlySet<SimulatedStatus> = new Set(['canceled', 'completed', 'aborted'])

/** How the logins of a scan turn out; decides which shipped report it serves. */
export type LoginOutcome =
  | 'none'
  | 'unusable'
  | 'wrong-password'
  | 'authenticated'
  | 'failed-escalation'
  | 'privileged'
  | 'windows'

/** What is left of the credentials a scan was given: no secret survives the request that brought it. */
export interface MaskedCredential {
  readonly category: string
  readonly type: string
  readonly fields: Readonly<Record<string, string>>
}

/** Who did it: the programs under test, by the API, or a person, by the control. */
export type Actor = 'caller' | 'person'

export interface Run {
  readonly startedBy: Actor
  readonly historyId: number
  readonly uuid: string
  readonly targets: string
  readonly durationMs: number
  readonly createdAtMs: number
  status: RunStatus
  changedAtMs: number
  startedAtMs: number | undefined
  endedAtMs: number | undefined
  /** Running time up to `runningSinceMs`; pauses do not count. */
  workedMs: number
  runningSinceMs: number | undefined
  /** Grows with each transition, so that an event meant for an earlier state is ignored. */
  step: number
}

export interface SimulatedScan {
  readonly id: number
  readonly madeBy: Actor
  readonly uuid: string
  readonly createdAtMs: number
  templateUuid: string
  name: string
  description: string
  targets: string
  folderId: number
  policyId: number | undefined
  readonly scannerId?: number | undefined
  changedAtMs: number
  outcome: LoginOutcome
  credentials: readonly MaskedCredential[]
  /** Fields of the form that it set. */
  readonly settings?: Readonly<Record<string, string>> | undefined
  /** Single plugins of families that are on in part. */
  readonly individual?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined
  /** Compliance audits, by file or id. */
  readonly audits?: readonly string[] | undefined
  /** Plugin families that are on. */
  readonly families?: readonly string[] | undefined
  /** Oldest first. */
  runs: Run[]
}

export function newestRun(scan: SimulatedScan): Run | undefined {
  return scan.runs.at(-1)
}

export function statusOf(scan: SimulatedScan): SimulatedStatus {
  return newestRun(scan)?.status ?? 'empty'
}

export function runIsOver(status: SimulatedStatus): boolean {
  return FINAL.has(status)
}

export function isActive(scan: SimulatedScan): boolean {
  const status = statusOf(scan)
  return status !== 'empty' && !runIsOver(status)
}

/** Whether a person has a stake in the scan: they made it, or launched it. */
export function isPersons(scan: SimulatedScan): boolean {
  return scan.madeBy === 'person' || scan.runs.some(({ startedBy }) => startedBy === 'person')
}

/** How much of the run is done at `nowMs`, 0 to 1. */
export function fractionDone(run: Run, nowMs: number): number {
  if (run.status === 'completed') return 1
  const sinceMs = run.runningSinceMs === undefined ? 0 : nowMs - run.runningSinceMs
  if (run.durationMs <= 0) return run.startedAtMs === undefined ? 0 : 1
  return Math.min(1, (run.workedMs + sinceMs) / run.durationMs)
}
