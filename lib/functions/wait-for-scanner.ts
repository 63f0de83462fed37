/**
 * An event whose scanner is away: tried again later without costing an attempt,
 * ever less often, until the scanner is back or the scan's time is up. Says so
 * in the scan's record, and keeps new scans from that scanner meanwhile.
 */
import type { Bus, Delivery } from '../bus/bus.ts'
import type { BusEvent } from '../bus/event.ts'
import type { Transaction, Write } from '../bus/transaction.ts'
import type { ScannerAwayError } from '../scanners/away-error.ts'
import { scannerKey, type Scan } from '../scans/record.ts'
import { healthWrite, knownHealth, type KnownHealth } from '../scanners/health.ts'
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
  const posts = [retryPost(delivery, event, delayMs, false)]
  const away = await heard(error.scanner, { ready: false, problem: error.message }, now, services)
  const health: Transaction = { guards: [], writes: [away] }
  const note = await troubleNote(event, error, now, services)
  const noted = { guards: [...health.guards, ...note.guards], writes: [...health.writes, ...note.writes] }
  let result = await bus.settle(delivery, { ...noted, posts })
  // The scan has changed meanwhile: the event goes round all the same, and its function will see what became of it.
  if (result === 'stale' || result === 'illegal') result = await bus.settle(delivery, { ...health, posts })
  return result === 'settled' ? 'retried' : 'fenced'
}

/**
 * A step has settled whose scan had been waiting for its scanner: new scans may go there at once, not only after the next
 * probe. A step that found its event stale asked the scanner nothing; the trouble is in the record still, and it says nothing.
 */
export async function scannerIsBack(
  scan: Scan,
  { bus, services, routes }: { bus: Bus; services: Services; routes: Routes },
): Promise<void> {
  const key = scannerKey(scan)
  if (key === undefined || (await services.scans.get(scan.task_id))?.trouble) return
  const now = bus.now()
  const event: BusEvent = {
    specversion: '1.0',
    id: `back-${services.randomHex(12)}`,
    type: 'slot.freed',
    source: 'dispatcher',
    time: now.toISOString(),
    data: { pool: scan.scanner_pool },
  }
  const posts = consumersOf(routes, event.type).map((to) => ({ to, event, delayMs: 0, attempt: 1 }))
  await bus.publish(posts, { guards: [], writes: [await heard(key, { ready: true }, now, services)] })
}

/** What was heard of a scanner while a step talked to it. What its licence allows only a probe asks: that stays as it was known. */
async function heard(
  scanner: string,
  word: Pick<KnownHealth, 'ready' | 'problem'>,
  now: Date,
  { keyspace, scanKeys }: Services,
): Promise<Write> {
  const before = (await knownHealth(keyspace, scanKeys, now)).get(scanner)
  return healthWrite(scanKeys, scanner, { ...word, launch: before?.launch ?? 'unknown', checked_at: now.toISOString() })
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
