/** Postpones an event whose run has failed, and says so in the record of its scan: every retry shows there. */
import type { Bus, Delivery } from '../../bus/bus.ts'
import type { BusEvent } from '../../bus/event.ts'
import type { Transaction, Write } from '../../bus/transaction.ts'
import { compileChange, update } from '../../scans/change.ts'
import { isUnreadable } from '../../scans/read-record.ts'
import type { Services } from '../services.ts'
import { retryPost } from '../settlement.ts'
import type { Trouble } from './trouble.ts'

export interface Postponement {
  readonly delayMs: number
  /** What is waited for, and what is wrong with it. */
  readonly trouble: Pick<Trouble, 'with' | 'message'>
  /** It is one attempt more; else it costs none: nothing is wrong with the event. */
  readonly counts?: boolean
  /** What else was learned. */
  readonly writes?: readonly Write[]
}

export async function postpone(
  delivery: Delivery,
  event: BusEvent,
  { delayMs, trouble, counts = false, writes = [] }: Postponement,
  { bus, services }: { bus: Bus; services: Services },
): Promise<'retried' | 'fenced'> {
  const posts = [retryPost(delivery, event, delayMs, counts)]
  const note = await troubleNote(event, trouble, bus.now(), services)
  let result = await bus.settle(delivery, { guards: note.guards, writes: [...writes, ...note.writes], posts })
  // The scan has changed meanwhile: the event goes round all the same, and its function will see what became of it.
  if (result === 'stale' || result === 'illegal') result = await bus.settle(delivery, { guards: [], writes, posts })
  return result === 'settled' ? 'retried' : 'fenced'
}

/** What says in the record that the scan waits; nothing when it says so already, or when it waits for another event. */
async function troubleNote(
  event: BusEvent,
  trouble: Postponement['trouble'],
  now: Date,
  { scans, scanKeys, busKeys }: Services,
): Promise<Transaction> {
  const [scan] = event.subject === undefined ? [] : await scans.look([event.subject])
  if (isUnreadable(scan)) return { guards: [], writes: [] }
  const before = scan?.trouble
  const isSame = before !== undefined && (before.with ?? 'scanner') === trouble.with
  if (!scan || scan.next !== event.id || (isSame && before.message === trouble.message))
    return { guards: [], writes: [] }
  // What is wrong may change while the same thing is waited for.
  const since = isSame ? before.since : now.toISOString()
  const told = { since, with: trouble.with, message: trouble.message }
  return compileChange(update(scan, { trouble: told }), scanKeys, busKeys)
}
