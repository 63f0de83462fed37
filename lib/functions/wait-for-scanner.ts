/**
 * An event whose scanner is away: tried again later without costing an attempt,
 * ever less often, until the scanner is back or the scan's time is up. Says so
 * in the scan's record, and keeps new scans from that scanner meanwhile.
 */
import type { Bus, Delivery } from '../bus/bus.ts'
import type { BusEvent } from '../bus/event.ts'
import type { Transaction } from '../bus/transaction.ts'
import type { ScannerAwayError } from '../scanners/away-error.ts'
import { scannerKey, type Scan } from '../scans/record.ts'
import { healthWrite } from '../scanners/health.ts'
import { compileChange, update } from '../scans/change.ts'
import type { Services } from './services.ts'
import { patientDelayMs } from './patience.ts'
import { consumersOf, type Routes } from './routes.ts'
import { retryPost } from './settlement.ts'

export interface Waiting {
  readonly bus: Bus
  readonly services: Services
  readonly random: () => number
}

/** `undefined` when the event has waited as long as a scan may take: then it is given up like any other. */
export async function waitForScanner(
  delivery: Delivery,
  event: BusEvent,
  error: ScannerAwayError,
  { bus, services, random }: Waiting,
): Promise<'retried' | 'fenced' | undefined> {
  const now = bus.now()
  const patienceMs = patientDelayMs(delivery, { now, limitMs: services.limits.scanTimeoutMs, random })
  if (patienceMs === undefined) return undefined
  const delayMs = Math.max(error.retryAfterMs, patienceMs)
  services.log.warn('the scanner is away; waiting for it', {
    task: event.subject,
    function: delivery.function,
    scanner: error.scanner,
    delayMs: Math.round(delayMs),
    error: error.message,
  })
  const away = { ready: false, launch: 'unknown' as const, problem: error.message, checked_at: now.toISOString() }
  const posts = [retryPost(delivery, event, delayMs, false)]
  const health: Transaction = { guards: [], writes: [healthWrite(services.scanKeys, error.scanner, away)] }
  const note = await troubleNote(event, error, now, services)
  const noted = { guards: [...health.guards, ...note.guards], writes: [...health.writes, ...note.writes] }
  let result = await bus.settle(delivery, { ...noted, posts })
  // The scan has changed meanwhile: the event goes round all the same, and its function will see what became of it.
  if (result === 'stale' || result === 'illegal') result = await bus.settle(delivery, { ...health, posts })
  return result === 'settled' ? 'retried' : 'fenced'
}

/** A step has got through to a scanner that had been away: new scans may go there at once, not only after the next probe. */
export async function scannerIsBack(
  scan: Scan,
  { bus, services, routes }: { bus: Bus; services: Services; routes: Routes },
): Promise<void> {
  const key = scannerKey(scan)
  if (key === undefined) return
  const now = bus.now().toISOString()
  const event: BusEvent = {
    specversion: '1.0',
    id: `back-${services.randomHex(12)}`,
    type: 'slot.freed',
    source: 'dispatcher',
    time: now,
    data: { pool: scan.scanner_pool },
  }
  const posts = consumersOf(routes, event.type).map((to) => ({ to, event, delayMs: 0, attempt: 1 }))
  const health = { ready: true, launch: 'unknown' as const, checked_at: now }
  await bus.publish(posts, { guards: [], writes: [healthWrite(services.scanKeys, key, health)] })
}

/** What says in the record that the scan waits; nothing when it says so already, or when it waits for another event. */
async function troubleNote(
  event: BusEvent,
  { message }: ScannerAwayError,
  now: Date,
  { scans, scanKeys, busKeys }: Services,
): Promise<Transaction> {
  const scan = event.subject === undefined ? undefined : await scans.get(event.subject)
  if (!scan || scan.trouble || scan.next !== event.id) return { guards: [], writes: [] }
  const change = update(scan, { trouble: { since: now.toISOString(), message } })
  return compileChange(change, scanKeys, busKeys)
}
