/**
 * An event whose scanner is away: tried again later without costing an attempt,
 * ever less often, until the scanner is back or the scan's time is up. Says so
 * in the scan's record, and keeps new scans from that scanner meanwhile.
 */
import type { Bus, Delivery } from '../../bus/bus.ts'
import type { BusEvent } from '../../bus/event.ts'
import type { Write } from '../../bus/transaction.ts'
import type { ScannerAwayError } from '../../scanners/away-error.ts'
import { scannerKey, type Scan } from '../../scans/record.ts'
import { healthWrite, knownHealth, type KnownHealth } from '../../scanners/health.ts'
import type { Services } from '../services.ts'
import { patientDelayMs } from './wait-delay.ts'
import { putOff } from './postpone.ts'
import { consumersOf, type Routes } from '../routes.ts'

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
  const away = await heard(error.scanner, { ready: false, problem: error.message }, now, services)
  const trouble = { with: 'scanner' as const, message: error.message }
  return putOff(delivery, event, { delayMs, trouble, writes: [away] }, { bus, services })
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
  if (key === undefined || scan.trouble?.with === 'disk') return
  if ((await services.scans.get(scan.task_id))?.trouble) return
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
