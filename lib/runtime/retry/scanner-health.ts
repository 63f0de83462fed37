/** What a step learns of its scanner while it talks to it, told to every worker: new scans stay away from one that is gone. */
import { newEvent } from '../../bus/event.ts'
import type { Write } from '../../bus/transaction.ts'
import { healthWrite, knownHealth, type KnownHealth } from '../../scanners/health.ts'
import { scannerKey, type Scan } from '../../scans/record.ts'
import { postsTo } from '../routes.ts'
import type { Layer, Runner } from '../runner.ts'
import type { Services } from '../services.ts'

/**
 * The layer that notes that a scanner is back: a step has settled whose scan had been waiting for it, so new scans may go
 * there at once, not only after the next probe.
 */
export const noteScannerBack: Layer = async (_delivery, next, runner) => {
  const ran = await next()
  if (ran.outcome === 'settled' && ran.scan?.trouble) await tellScannerIsBack(ran.scan, runner)
  return ran
}

/** A step that found its event stale asked the scanner nothing; the trouble is in the record still, and it says nothing. */
async function tellScannerIsBack(scan: Scan, { bus, services, keys }: Runner): Promise<void> {
  const key = scannerKey(scan)
  if (key === undefined || (scan.trouble?.with ?? 'scanner') !== 'scanner') return
  if ((await services.scans.get(scan.task_id))?.trouble) return
  const now = bus.now()
  const event = newEvent({
    id: `back-${services.randomHex(12)}`,
    type: 'slot.freed',
    source: 'dispatcher',
    now,
    data: { pool: scan.scanner_pool },
  })
  const posts = postsTo(keys.routes, event)
  await bus.publish(posts, { guards: [], writes: [await scannerHealthWrite(key, { ready: true }, now, services)] })
}

/** What was heard of a scanner while a step talked to it. What its licence allows only a probe asks: that stays as it was known. */
export async function scannerHealthWrite(
  scanner: string,
  word: Pick<KnownHealth, 'ready' | 'problem' | 'until'>,
  now: Date,
  { keyspace, scanKeys }: Pick<Services, 'keyspace' | 'scanKeys'>,
): Promise<Write> {
  const before = (await knownHealth(keyspace, scanKeys, now)).get(scanner)
  return healthWrite(scanKeys, scanner, { ...word, launch: before?.launch ?? 'unknown', checked_at: now.toISOString() })
}
