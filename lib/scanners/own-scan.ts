/**
 * The one guard between us and what stands on a scanner. A scanner counts its
 * scans from its own beginning, so an id comes back after a reinstall, a restore,
 * or when an entry is pointed at another Nessus; people copy our scans, and
 * launch them again. So an id proves nothing, and every write takes a handle that
 * only this guard makes, from a look at what is behind the id just now:
 *
 *   O1. An {@link OwnScan} exists only of a scan that we made, whose newest run is ours or that has never run.
 *   O2. A handle is good for one write: the next one needs another look.
 *   O3. Once its run is known, a scan is ours by that run's uuid, which no other scan bears. Until then by all that was
 *       said when it was made: the name with our marker, its uuid, and the installation of Nessus that it is on.
 *   O4. What a scanner does not say is unknown, which is no difference.
 *   O5. What is not ours is never touched: neither written to, nor exported as if it were.
 */
import assert from 'node:assert/strict'
import { PermanentError } from '../base/errors.ts'
import { bearsMarker, isSameName } from './marked-name.ts'
import type { ScanReader, ScanRun, ScanState } from './scan-state.ts'

/** What we know of a scan of ours at its scanner. */
export interface ScanClaim {
  /** `pool/instance`, for messages. */
  readonly scanner: string
  readonly id: number
  /** The task id. Absent for what people made and we only read. */
  readonly marker?: string | undefined
  /** The whole name it was given; a scan made by an older version of ours is known by its marker alone. */
  readonly name?: string | undefined
  /** The uuid it bore before it ran. */
  readonly standIn?: string | undefined
  readonly serverUuid?: string | undefined
  /** Its run, once one is known. */
  readonly runUuid?: string | undefined
  /** By which a run that was taken in is known where it has no uuid. */
  readonly historyId?: number | undefined
}

/** A run of ours, or one that was adopted: what is exported is this run, whatever ran later. */
export interface OwnRun {
  readonly id: number
  readonly historyId?: number
}

let makeOwnScan: (id: number, removable: boolean) => OwnScan

/** Leave to write to a scan of ours, once. Made by {@link findOwn} alone. */
export class OwnScan {
  readonly id: number
  /** False when a person has renamed it: its run is still ours to steer, but the scan is theirs to keep. */
  readonly removable: boolean
  #spent = false

  static {
    makeOwnScan = (id, removable) => new OwnScan(id, removable)
  }

  private constructor(id: number, removable: boolean) {
    this.id = id
    this.removable = removable
  }

  /** Uses the handle up; its id. To be called by a scanner's client as it writes. */
  spend(write: 'launch' | 'stop' | 'pause' | 'resume' | 'remove'): number {
    assert(!this.#spent, `scan ${this.id}: one look is good for one write`)
    assert(write !== 'remove' || this.removable, `scan ${this.id} is a person's to keep`)
    this.#spent = true
    return this.id
  }
}

interface Sentence {
  readonly why: string
  readonly remedy: string
  /** What to do where it cannot be replayed, if that is something else. */
  readonly otherwise?: string
}

/** `foreign`: something else bears the id now. */
type Missing = (Sentence & { readonly is: 'gone' }) | (Sentence & { readonly is: 'foreign' })

export type FoundRun = Missing | { readonly is: 'ours'; readonly run: OwnRun; readonly state: ScanState }
export type FoundScan =
  | Missing
  | { readonly is: 'ours'; readonly scan: OwnScan; readonly run: OwnRun; readonly state: ScanState }
  /** Ours, but a person has launched it again: that run is theirs. `state` is of our run. */
  | { readonly is: 'kept'; readonly why: string; readonly run: OwnRun; readonly state: ScanState }

/** Thrown where a step cannot go on without the scan. Nothing at the scanner was touched. */
export class NotOursError extends PermanentError {
  override readonly name = 'NotOursError'
  readonly remedy: string
  readonly otherwise: string

  constructor({ why, remedy, otherwise = remedy }: Missing) {
    super(why)
    this.remedy = remedy
    this.otherwise = otherwise
  }
}

/** Looks for the run of a scan of ours, or of an adopted one, to be read. Never of another run, whatever ran later. */
export async function findRun(scanner: ScanReader, claim: ScanClaim): Promise<FoundRun> {
  const found = await look(scanner, claim)
  if (found.is !== 'there') return found
  return { is: 'ours', run: found.run, state: found.state }
}

/** Looks at a scan of ours that is to be written to. */
export async function findOwn(scanner: ScanReader, claim: ScanClaim): Promise<FoundScan> {
  assert(claim.marker !== undefined, 'what people made is only read')
  const found = await look(scanner, claim)
  if (found.is !== 'there') return found
  const { run, state, isNewest, isNamed } = found
  if (!isNewest) {
    const why = `scan ${claim.id} was launched again at scanner ${claim.scanner} by a person: it is left alone there`
    return { is: 'kept', why, run, state }
  }
  return { is: 'ours', scan: makeOwnScan(claim.id, isNamed), run, state }
}

interface There {
  readonly is: 'there'
  readonly run: OwnRun
  readonly state: ScanState
  readonly isNewest: boolean
  readonly isNamed: boolean
}

async function look(scanner: ScanReader, claim: ScanClaim): Promise<Missing | There> {
  const newest = await scanner.state(claim.id)
  if (newest === undefined) return (await elsewhere(scanner, claim)) ?? gone(claim, 'is gone')
  const { runs } = newest
  const isNamed = bearsName(newest, claim)
  const known = runs.findIndex((run) => isClaimed(run, claim))
  // A history id is no proof: such numbers come back at another Nessus.
  const isRunProven =
    (known >= 0 && claim.runUuid !== undefined) || (claim.runUuid !== undefined && newest.runUuid === claim.runUuid)
  if (!isRunProven) {
    const other = await elsewhere(scanner, claim)
    if (other) return other
    if (!isNamed || isOther(claim.standIn, newest.standIn)) return replaced(claim)
    if (claim.runUuid !== undefined && newest.runUuid !== undefined) return gone(claim, 'no longer has our run')
    if (claim.historyId !== undefined && known < 0 && runs.length > 0) return gone(claim, 'no longer has our run')
  }
  // A launch whose answer was lost is the first run there is: nobody else launches a scan just made.
  const at = known >= 0 ? known : isRunProven ? runs.length - 1 : 0
  const run = { id: claim.id, ...(runs[at]?.historyId === undefined ? {} : { historyId: runs[at].historyId }) }
  const isNewest = at >= runs.length - 1
  const state = isNewest ? newest : await scanner.state(claim.id, run.historyId)
  if (state === undefined) return gone(claim, 'no longer has our run')
  return { is: 'there', run, state, isNewest, isNamed }
}

function isClaimed({ uuid, historyId }: ScanRun, claim: ScanClaim): boolean {
  if (claim.runUuid !== undefined) return uuid === claim.runUuid
  return claim.historyId !== undefined && historyId === claim.historyId
}

function bearsName({ name }: ScanState, claim: ScanClaim): boolean {
  if (name === undefined || claim.marker === undefined) return true
  return claim.name === undefined ? bearsMarker(name, claim.marker) : isSameName(name, claim.name)
}

/** Whether another installation of Nessus answers than the one that has the scan. */
async function elsewhere(scanner: ScanReader, claim: ScanClaim): Promise<Missing | undefined> {
  if (claim.serverUuid === undefined || !isOther(claim.serverUuid, await scanner.serverUuid())) return undefined
  return {
    is: 'foreign',
    why: `scan ${claim.id} is not ours any more: another Nessus answers as scanner ${claim.scanner} than the one that has it, and nothing there was touched`,
    remedy: `Point ${claim.scanner} in scanners.yaml back at the Nessus that has the scan and have an operator replay it; if that Nessus was reinstalled, start the scan again.`,
    otherwise: `Point ${claim.scanner} in scanners.yaml at the Nessus that is to scan, and start the scan again.`,
  }
}

function isOther(known: string | undefined, now: string | undefined): boolean {
  return known !== undefined && now !== undefined && known.toLowerCase() !== now.toLowerCase()
}

function replaced({ id, scanner }: ScanClaim): Missing {
  return {
    is: 'foreign',
    why: `scan ${id} at scanner ${scanner} is not ours any more: another scan bears that id now, and it was not touched`,
    remedy:
      'Find out whether the scanner was reinstalled, restored or moved, or our scan deleted there; then start the scan again if it is still needed.',
  }
}

function gone({ id, scanner }: ScanClaim, how: 'is gone' | 'no longer has our run'): Missing {
  const what = how === 'is gone' ? `is gone from the scanner ${scanner}` : `at scanner ${scanner} ${how}`
  return {
    is: 'gone',
    why: `scan ${id} ${what}; someone deleted it there`,
    remedy: 'Start the scan again if it is still needed.',
  }
}
