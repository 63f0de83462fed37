/**
 * A Redis that came back with older data (a power cut, a failover) may hand a
 * scan to another scanner than the one that has it already. Its snapshot knows:
 * before a scan is created, it is returned to the scanner it had.
 *
 *   RS1. Moved and posted again in one settle: the event that follows comes with the record as it then is.
 *   RS2. Only a snapshot newer than the record counts. Without a loss in Redis there is none: the record is written first.
 */
import type { Bus, Delivery } from '../../bus/bus.ts'
import { ended, type Layer } from '../../runtime/runner.ts'
import type { ScannerRegistry } from '../../scanners/entry.ts'
import { compileChange, update } from '../../scans/change.ts'
import { type Scan, scannerKey } from '../../scans/record.ts'
import type { ScanKeys } from '../../scans/scan-keys.ts'
import type { Scans } from '../../scans/scans.ts'
import type { Snapshots } from '../../scans/snapshots.ts'

export interface ReturnDeps {
  readonly bus: Bus
  readonly scans: Pick<Scans, 'get'>
  readonly scanKeys: ScanKeys
  readonly scanners: Pick<ScannerRegistry, 'find'>
  readonly snapshots: Pick<Snapshots, 'read'>
}

/** The layer that deals with the event of a scan about to be created a second time; every other goes on to its function. */
export function returnToScanner(deps: ReturnDeps): Layer {
  return async (delivery, next) => ((await returned(delivery, deps)) ? ended('settled') : next())
}

async function returned(delivery: Delivery, deps: ReturnDeps): Promise<boolean> {
  const { bus, scans, scanKeys } = deps
  const { event } = delivery
  if (delivery.function !== 'create' || event?.subject === undefined) return false
  // One that cannot be read tells nothing.
  const snapshot = await deps.snapshots.read(event.subject).catch(() => undefined)
  const scan = await scans.get(event.subject)
  if (!scan || !snapshot || scan.next !== event.id || !isElsewhere(scan, snapshot, deps)) return false
  const moved = update(scan, {
    scanner_instance: snapshot.scanner_instance,
    scanner_scan_id: snapshot.scanner_scan_id,
    made_there: snapshot.made_there,
    run_uuid: snapshot.run_uuid,
  })
  const again = { to: delivery.function, event, delayMs: 0, attempt: delivery.attempt }
  const result = await bus.settle(delivery, { ...compileChange(moved, scanKeys, bus.keys), posts: [again] })
  return result === 'settled' || result === 'fenced'
}

function isElsewhere(scan: Scan, snapshot: Scan, { scanners }: ReturnDeps): boolean {
  const key = scannerKey(snapshot)
  if (snapshot.revision <= scan.revision || snapshot.status !== 'running') return false
  return key !== undefined && key !== scannerKey(scan) && scanners.find(key) !== undefined
}
