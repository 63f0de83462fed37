/** What a scanner says of a scan that is on it, reduced to what the lifecycle acts on. */

export type ScanPhase =
  /** Created, never launched (`empty`). */
  | 'idle'
  /** Pending, running, pausing, stopping and anything not known to be final. */
  | 'active'
  | 'paused'
  | 'completed'
  /** Stopped or canceled by a person or by us. */
  | 'canceled'
  /** Ended by the scanner on its own, results may be partial. */
  | 'aborted'

/** One run of a scan, as its history names it. */
export interface ScanRun {
  readonly uuid?: string
  /** By which the scanner tells and exports this run, and not the newest one. */
  readonly historyId?: number
  /** The scanner's own word, and what it means. */
  readonly status?: string
  readonly phase?: ScanPhase
  /** Seconds since 1970: when it began, and when it last changed, which for one that has ended is its end. */
  readonly startedAt?: number
  readonly changedAt?: number
}

/** What the scanner notes of a scan by itself. */
export interface ScanNotes {
  readonly count: number
  /** The first of them, in its own words. */
  readonly said: readonly string[]
}

export interface ScanState {
  readonly phase: ScanPhase
  /** The scanner's own word, for messages. */
  readonly status: string
  /** 0 to 100, as the scanner reports it: may be missing and may go backwards. */
  readonly progress?: number
  /** Hosts the scanner has met so far. */
  readonly hosts: number
  /** The scanner's id of the run that this tells of, when it has run. */
  readonly runUuid?: string
  /** The name it bears now; absent when the scanner does not say. */
  readonly name?: string
  /** The uuid that it bears until it is launched. */
  readonly standIn?: string
  /** Of the run that this tells of; absent where there are none. */
  readonly notes?: ScanNotes
  /** All its runs, oldest first; empty when it has none, or the scanner does not say. */
  readonly runs: readonly ScanRun[]
}

/** The part of a scanner that only looks. */
export interface ScanReader {
  /** `undefined` when the scanner has no such scan (any more). Of the newest run, or of the one that `historyId` names. */
  state(id: number, historyId?: number): Promise<ScanState | undefined>
  /** Which installation of Nessus answers; `undefined` when it does not say, as old versions may not. */
  serverUuid(): Promise<string | undefined>
}

/** What a scanner says of itself. */
export interface ServerFacts {
  readonly serverUuid?: string
  /** It is a simulator: what it reports was never seen. */
  readonly simulated?: true
  /** Addresses its licence covers, and how many of them are used up. */
  readonly licensedHosts?: number
  readonly usedHosts?: number
}
