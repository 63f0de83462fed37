/**
 * Putting a dead letter back to work, in one atomic step: the event as it was,
 * with fresh attempts, and its scan back into the state it had.
 *
 *   RL1. A letter is replayed once, however often it is asked for: the step is guarded by the letter still being open.
 *   RL2. The event keeps its id, so what its function did before is recognized.
 *   RL3. A report that could not be read is fetched again: reading the same bytes once more would end the same way.
 *   RL4. A scan that ran goes through its pool's queue again, and on from there, so that no scanner gets more than it takes.
 */
import { Refusal } from '../../base/errors.ts'
import type { Bus, Post } from '../../bus/bus.ts'
import { type BusEvent, newEvent } from '../../bus/event.ts'
import type { Transaction } from '../../bus/transaction.ts'
import { compileChange, update, type ScanChange } from '../../scans/change.ts'
import { eventAt, stepOf } from '../../scans/course.ts'
import { scannerKey, type Scan } from '../../scans/record.ts'
import type { ScannerRegistry } from '../../scanners/entry.ts'
import type { ScanKeys } from '../../scans/scan-keys.ts'
import type { Scans } from '../../scans/scans.ts'
import { postsTo, type Routes } from '../../runtime/routes.ts'
import { letterGone } from './letter-gone.ts'
import type { DeadLetter } from './read-letters.ts'
import { replayObstacle } from './replay-obstacle.ts'

export interface ReplayDeps {
  readonly bus: Bus
  readonly scans: Scans
  readonly scanKeys: ScanKeys
  readonly routes: Routes
  /** As configured where this runs; without entries, nothing is known here of the scanners. */
  readonly scanners: Pick<ScannerRegistry, 'find' | 'entries'>
  readonly randomHex: (bytes: number) => string
}

export interface ReplayPlan {
  /** What replaying will do, in words. */
  readonly does: string
  readonly change?: ScanChange
  readonly posts: readonly Post[]
}

/** Replays `letter` in the name of `who`; `false` when it had been replayed or discarded already. Throws Refusal when it cannot be replayed. */
export async function replayLetter(letter: DeadLetter, who: string, deps: ReplayDeps): Promise<boolean> {
  const { bus, scanKeys } = deps
  for (;;) {
    // Asked first: a scan that has just been replayed would be refused for going on.
    const open = await bus.keyspace.field(bus.keys.openLetters, letter.id)
    if (open === undefined) return false
    const plan = await planReplay(letter, deps)
    const gone = letterGone(letter, { why: 'replayed', who, open }, bus.keys)
    const change: Transaction = plan.change
      ? compileChange(plan.change, scanKeys, bus.keys)
      : { guards: [], writes: [] }
    const result = await bus.publish(plan.posts, {
      guards: [...gone.guards, ...change.guards],
      writes: [...gone.writes, ...change.writes],
    })
    if (result === 'settled') return true
    // The letter was taken by someone else, or the scan changed between the look and the step: look again.
  }
}

/** What replaying `letter` would do now. Throws Refusal, with the remedy, when it cannot be replayed. */
export async function planReplay(letter: DeadLetter, deps: ReplayDeps): Promise<ReplayPlan> {
  const { event: died } = letter
  if (!died) throw refusal(letter, 'what had come was not an event', 'Discard it.')
  const { name, event } = replayed(letter.function, died)
  const again: Post = { to: name, event, delayMs: 0, attempt: 1, again: true }
  const step = stepOf(name)
  const scan = letter.taskId === undefined ? undefined : await deps.scans.get(letter.taskId)
  if (step === undefined) {
    // A step of a newer version: the event alone would find its scan failed, and do nothing.
    if (scan?.failure?.dead_letter === letter.id) {
      throw refusal(
        letter,
        `this version knows no step ${letter.function}`,
        'Replay it with the version of the workers.',
      )
    }
    return { does: `puts the event back to ${letter.function}`, posts: [again] }
  }
  if (!scan) throw refusal(letter, 'its scan has been deleted', 'Discard it.')
  if (scan.status === 'running' || scan.status === 'queued') {
    throw refusal(letter, `its scan is ${scan.status}`, 'Try again in a moment if it has just failed; else discard it.')
  }
  if (scan.status !== 'failed') throw refusal(letter, `its scan has ended as ${scan.status}`, 'Discard it.')
  const { scanners, scanKeys, bus } = deps
  const obstacle = await replayObstacle(letter.function, scan, { scanners, scanKeys, keyspace: bus.keyspace })
  if (obstacle) throw refusal(letter, obstacle.why, obstacle.remedy)
  const isLeft = hasLeft(scan, deps)
  // It was stopped for having failed: that is what is taken back.
  const fresh = { ended_at: undefined, failure: undefined, stopping: undefined, unreadable_exports: undefined }
  const restored = { ...fresh, next: event.id }
  // What has left the configuration admits nothing: its scans go on from the kept copy of its entry.
  if (scan.origin !== 'created' || isLeft) {
    const change = update(scan, { ...restored, status: 'running', step }, { replay: true })
    return { does: `puts the scan back to ${step}`, change, posts: [again] }
  }
  const resume = { function: name, step, event: JSON.stringify(event) }
  const pinned = scan.scanner_scan_id === undefined ? scan.pinned_instance : scan.scanner_instance
  const change = update(
    scan,
    {
      ...restored,
      status: 'queued',
      step: 'waiting',
      resume,
      pinned_instance: pinned,
      queued_at: deps.bus.now().toISOString(),
    },
    { replay: true },
  )
  const where = pinned === undefined ? '' : ` of scanner ${pinned}, which has the scan`
  return { does: `puts the scan into the queue${where}; it goes on at ${step}`, change, posts: requests(scan, deps) }
}

/** The function that goes on and what it is told; the event keeps its id. */
function replayed(name: string, event: BusEvent): { name: string; event: BusEvent } {
  if (name !== 'validate') return { name, event }
  return { name: 'export', event: { ...event, type: eventAt('exporting'), data: {} } }
}

/** Tells admission that a scan waits. */
function requests(scan: Scan, { bus, routes, randomHex }: ReplayDeps): Post[] {
  const event = newEvent({
    id: `replay-${randomHex(12)}`,
    type: 'scan.requested',
    source: 'replay',
    subject: scan.task_id,
    now: bus.now(),
    data: { pool: scan.scanner_pool },
  })
  return postsTo(routes, event)
}

/** Whether the scan is at a scanner that is no longer configured, and is followed there by the kept copy of its entry. */
function hasLeft(scan: Scan, { scanners }: ReplayDeps): boolean {
  const key = scan.scanner_scan_id === undefined ? undefined : scannerKey(scan)
  return key !== undefined && scanners.entries().length > 0 && !scanners.find(key)
}

function refusal(letter: DeadLetter, why: string, remedy: string): Refusal {
  return new Refusal('conflict', `${letter.id} cannot be replayed: ${why}. ${remedy}`, { dead_letter: letter.id })
}
