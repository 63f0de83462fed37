/** What runs deliveries: the layers around every run, what they are given, and how a delivery ends. */
import type { Log } from '../base/log.ts'
import type { BackoffBounds } from '../bus/backoff.ts'
import type { Bus, Delivery } from '../bus/bus.ts'
import type { ScanChange } from '../scans/change.ts'
import type { Scan } from '../scans/record.ts'
import type { AnyFunction } from './function.ts'
import type { Services } from './services.ts'
import type { SettlementKeys } from './settlement.ts'

export type RunOutcome = 'settled' | 'fenced' | 'retried' | 'refused' | 'dead'

/** How a delivery ended. */
export interface Ran {
  readonly outcome: RunOutcome
  /** The changes of scans that took effect. */
  readonly changes: readonly ScanChange[]
  /** The record as the function read it, when it ran. */
  readonly scan?: Scan | undefined
}

/** Something around the run of every delivery: counts it, records its changes, deals with its failure. */
export type Layer = (delivery: Delivery, next: () => Promise<Ran>, runner: Runner) => Promise<Ran>

export interface Runner {
  readonly bus: Bus
  readonly services: Services
  readonly keys: SettlementKeys
  readonly functions: ReadonlyMap<string, AnyFunction>
  readonly backoff: BackoffBounds
  readonly random: () => number
  /** Aborts when the worker is told to stop. */
  readonly stopping: AbortSignal
  /** Outermost first. */
  readonly layers: readonly Layer[]
  readonly log: Log
}

/** The end of a delivery that changed no scan. */
export function ended(outcome: RunOutcome): Ran {
  return { outcome, changes: [] }
}
