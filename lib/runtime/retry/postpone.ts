/** Postpones an event that waits for something to come back, and says so in the record of its scan. */
import type { Bus, Delivery } from '../../bus/bus.ts'
import type { BusEvent } from '../../bus/event.ts'
import type { Transaction, Write } from '../../bus/transaction.ts'
import { compileChange, update } from '../../scans/change.ts'
import type { Services } from '../services.ts'
import { retryPost } from '../settlement.ts'
import type { Trouble } from './trouble.ts'

export interface Postponement {
  readonly delayMs: number
  /** What is waited for, and what is wrong with it. */
  readonly trouble: Pick<Trouble, 'with' | 'message'>
  /** What else was learned. */
  readonly writes?: readonly Write[]
}

/** Costs no attempt: nothing is wrong with the event. */
export async function postpone(
  delivery: Delivery,
  event: BusEvent,
  { delayMs, trouble, writes = [] }: Postponement,
  { bus, services }: { bus: Bus; services: Services },
): Promise<'retried' | 'fenced'> {
  const posts = [retryPost(delivery, event, delayMs, false)]
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
  const scan = event.subject === undefined ? undefined : await scans.get(event.subject)
  const isSaid = scan?.trouble !== undefined && scan.trouble.with === trouble.with
  if (!scan || isSaid || scan.next !== event.id) return { guards: [], writes: [] }
  return compileChange(
    update(scan, { trouble: { since: now.toISOString(), with: trouble.with, message: trouble.message } }),
    scanKeys,
    busKeys,
  )
}
