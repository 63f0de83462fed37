/** One turn of an adoption: looks at the next scans of the scanner, and decides of each of their runs. Only reads. */
import type { ToolContext } from '../../runtime/tool.ts'
import type { ScannerEntry } from '../../scanners/entry.ts'
import type { ScanRun, ServerFacts } from '../../scanners/scan-state.ts'
import type { Scanner, ScannerScan } from '../../scanners/scanner.ts'
import { begin, type ScanChange } from '../../scans/change.ts'
import type { Write } from '../../bus/transaction.ts'
import type { RunTold } from '../../scans/taken-runs.ts'
import { adoptedScan } from './adopted-scan.ts'
import { type Adoption, type Skipped, SKIPPED, UNDER_WAY_MAX } from './adoption.ts'
import { dropWrites, noteWrites, notesKey, withNotes } from './noted-scans.ts'
import { selected } from './scanner-selection.ts'
import { entriesOf, makerOf, runsOf } from './take-run.ts'

/** Scans that one turn looks at: each is a request. */
const LOOKS_MAX = 50
/** A scan that cannot be read so often is passed over: one bad scan must not keep the others. */
const TRIES_MAX = 3
const EXAMPLES_MAX = 20

export interface AdoptionTurn {
  readonly adoption: Adoption
  /** The scans that begin. */
  readonly begun: readonly ScanChange[]
  /** What is noted of scans of which every run is here. */
  readonly notes: readonly Write[]
  /** It came to the end of the list. */
  readonly isLast: boolean
  /** There was no room for more. */
  readonly isFull: boolean
}

type TurnContext = Pick<ToolContext, 'now' | 'randomHex' | 'event' | 'scans' | 'keyspace' | 'scanKeys'>

interface Hand {
  readonly entry: ScannerEntry
  readonly server: ServerFacts
  readonly context: TurnContext
  adoption: Adoption
  begun: ScanChange[]
  notes: Write[]
  /** How many more scans may begin. */
  room: number
}

/** Throws when the scanner's list cannot be read; nothing is decided then. */
export async function takeTurn(
  adoption: Adoption,
  { entry, scanner, context }: { entry: ScannerEntry; scanner: Scanner; context: TurnContext },
): Promise<AdoptionTurn> {
  const { keyspace, scanKeys } = context
  const free = UNDER_WAY_MAX - (await keyspace.size(scanKeys.takingIn(entry.key)))
  const room = Math.min(free, adoption.runs_max - adoption.counts.taken)
  const { trouble: _, ...quiet } = adoption
  const hand: Hand = { entry, server: {}, context, adoption: quiet, begun: [], notes: [], room }
  if (room <= 0) return turnOf(hand, { isLast: false, isFull: true })
  const list = await scanner.listing()
  const wanted = selected(list, adoption).filter(({ trashed }) => !trashed || adoption.folder !== undefined)
  const ahead = wanted.filter((scan) => isAhead(scan, adoption)).toSorted((a, b) => a.id - b.id)
  const ready: Hand = {
    ...hand,
    server: await scanner.serverFacts(),
    adoption: { ...quiet, scans_total: wanted.length },
  }
  const key = notesKey(entry.key, ready.server, context)
  if (adoption.cursor.scan === 0) ready.notes.push(...(await dropWrites(list.scans, key, context)))
  let looks = 0
  for await (const { scan, isUnchanged } of withNotes(ahead, key, context)) {
    if (ready.room <= 0 || looks >= LOOKS_MAX) return turnOf(ready, { isLast: false, isFull: ready.room <= 0 })
    if (isUnchanged) {
      passScan(ready, scan)
      count(ready, { unchanged_scans: 1 })
      continue
    }
    if (scan.phase !== 'idle') looks += 1
    await lookAt(scan, scanner, ready)
    // Its runs go on in the next turn, or it is tried again.
    if (ready.adoption.cursor.run !== undefined || ready.adoption.trouble)
      return turnOf(ready, { isLast: false, isFull: true })
  }
  return turnOf(ready, { isLast: true, isFull: false })
}

function turnOf({ adoption, begun, notes }: Hand, at: Pick<AdoptionTurn, 'isLast' | 'isFull'>): AdoptionTurn {
  return { adoption, begun, notes, ...at }
}

function isAhead({ id }: ScannerScan, { cursor }: Adoption): boolean {
  return id > cursor.scan || (id === cursor.scan && cursor.run !== undefined)
}

async function lookAt(scan: ScannerScan, scanner: Scanner, hand: Hand): Promise<void> {
  if (scan.phase === 'idle') return skipScan(hand, scan, 'never_run')
  let runs: readonly ScanRun[]
  try {
    const state = await scanner.state(scan.id)
    // Deleted meanwhile.
    if (!state) return passScan(hand, scan)
    runs = runsOf(state)
  } catch (error) {
    const tries = hand.adoption.tries + 1
    const message = error instanceof Error ? error.message : String(error)
    if (tries >= TRIES_MAX) return skipScan(hand, scan, 'unreadable', message)
    const trouble = { since: hand.context.now.toISOString(), message }
    hand.adoption = { ...hand.adoption, tries, trouble }
    return
  }
  const { cursor } = hand.adoption
  const after = cursor.scan === scan.id ? cursor.run : undefined
  let isWhole = cursor.scan === scan.id ? cursor.whole !== false : true
  const ahead = after === undefined ? runs : runs.filter(({ historyId = 0 }) => historyId > after)
  const told = ahead.map((run) => toldOf(scan, run, hand))
  const entries = await entriesOf(told, hand.context)
  for (const [n, run] of ahead.entries()) {
    if (hand.room <= 0 && run.historyId !== undefined && hand.adoption.cursor.scan === scan.id) {
      hand.adoption = { ...hand.adoption, cursor: { ...hand.adoption.cursor, whole: isWhole } }
      return
    }
    const isHere = await decide(scan, { run, told: told[n]!, entry: entries[n] }, hand)
    isWhole &&= isHere
    if (run.historyId !== undefined) hand.adoption = { ...hand.adoption, cursor: { scan: scan.id, run: run.historyId } }
  }
  if (isWhole) hand.notes.push(...noteWrites(scan, notesKey(hand.entry.key, hand.server, hand.context)))
  passScan(hand, scan)
}

function toldOf({ id }: ScannerScan, { uuid, historyId }: ScanRun, { entry, server }: Hand): RunTold {
  return { scanner: entry.key, scanId: id, serverUuid: server.serverUuid, runUuid: uuid, historyId }
}

interface RunAhead {
  readonly run: ScanRun
  readonly told: RunTold
  /** The scan that has it, as it was read. */
  readonly entry: string | undefined
}

/** Takes the run in, or counts why not; whether it is here then. */
async function decide(scan: ScannerScan, { run, told, entry: had }: RunAhead, hand: Hand): Promise<boolean> {
  const { entry, server, adoption, context } = hand
  count(hand, { runs: 1 })
  const { phase = 'active', status = '' } = run
  if (had !== undefined) return skipRun(hand, scan, 'taken_before')
  const maker = await makerOf(told, scan.name, context)
  if (maker.ours || maker.scan) return skipRun(hand, scan, 'ours')
  if (phase === 'active' || phase === 'paused' || phase === 'idle') return skipRun(hand, scan, 'running')
  if (phase !== 'completed' && !adoption.partial) return skipRun(hand, scan, 'not_complete')
  if (isTooOld(run, adoption)) return skipRun(hand, scan, 'too_old')
  if (run.uuid === undefined && run.historyId === undefined) return skipRun(hand, scan, 'not_known')
  const found = { entry, id: scan.id, name: scan.name, run, state: { phase, status }, server }
  const { now, randomHex, event } = context
  const taken = adoptedScan(found, { now, randomHex, event, caller: adoption.caller })
  hand.begun.push(begin({ ...taken, taken_in_bulk: true }))
  hand.room -= 1
  count(hand, { taken: 1 })
  return true
}

/** A run of which no date is told may be a new one. */
function isTooOld({ changedAt, startedAt }: ScanRun, { since }: Adoption): boolean {
  const ended = changedAt ?? startedAt
  return since !== undefined && ended !== undefined && ended * 1000 < Date.parse(since)
}

function passScan(hand: Hand, scan: ScannerScan): void {
  count(hand, { scans: 1 })
  hand.adoption = { ...hand.adoption, cursor: { scan: scan.id }, tries: 0 }
}

function skipScan(hand: Hand, scan: ScannerScan, why: Skipped, says: string = SKIPPED[why]): void {
  skip(hand, scan, why, says)
  passScan(hand, scan)
}

/** Whether the run is here all the same. */
function skipRun(hand: Hand, scan: ScannerScan, why: Skipped): boolean {
  skip(hand, scan, why, SKIPPED[why])
  return why === 'taken_before' || why === 'ours'
}

function skip(hand: Hand, scan: ScannerScan, why: Skipped, says: string): void {
  const { counts, examples } = hand.adoption
  const skipped = { ...counts.skipped, [why]: (counts.skipped[why] ?? 0) + 1 }
  hand.adoption = { ...hand.adoption, counts: { ...counts, skipped } }
  // What is here already is no news.
  const isTold = why === 'taken_before' || examples.length >= EXAMPLES_MAX
  if (isTold || examples.some((each) => each.scanner_scan_id === scan.id && each.why === says)) return
  hand.adoption = {
    ...hand.adoption,
    examples: [...examples, { scanner_scan_id: scan.id, name: scan.name, why: says }],
  }
}

function count(hand: Hand, more: Partial<Record<'scans' | 'unchanged_scans' | 'runs' | 'taken', number>>): void {
  const { counts } = hand.adoption
  const sum = (key: keyof typeof more) => counts[key] + (more[key] ?? 0)
  hand.adoption = {
    ...hand.adoption,
    counts: {
      ...counts,
      scans: sum('scans'),
      unchanged_scans: sum('unchanged_scans'),
      runs: sum('runs'),
      taken: sum('taken'),
    },
  }
}
