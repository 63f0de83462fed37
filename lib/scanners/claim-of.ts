import { defined } from '../base/defined.ts'
import assert from 'node:assert/strict'
import { scannerKey, type Scan } from '../scans/record.ts'
import { markedName } from './marked-name.ts'
import type { ScanClaim } from './own-scan.ts'
import type { ServerFacts } from './scan-state.ts'
import type { MadeScan } from './scanner.ts'

/** By what a scan is known at its scanner. `id` where its record has none: it bears our name there and nobody noted it. */
export function claimOf(scan: Scan, id = scan.scanner_scan_id): ScanClaim {
  const scanner = scannerKey(scan)
  assert(scanner !== undefined && id !== undefined, `scan ${scan.task_id} is at a scanner`)
  const { made_there: made, task_id: marker } = scan
  const ours = { marker, name: made?.name ?? markedName(scan.name, marker), standIn: made?.uuid }
  return {
    scanner,
    id,
    serverUuid: made?.server_uuid,
    runUuid: scan.run_uuid,
    historyId: scan.run_history_id,
    ...(scan.origin === 'created' ? ours : {}),
  }
}

/** What is kept in the record of a scan just made, so that it is known again. */
export function madeThere(
  { name, standIn }: Omit<MadeScan, 'id'>,
  { serverUuid, simulated, licensedHosts, usedHosts }: ServerFacts,
): NonNullable<Scan['made_there']> {
  return {
    ...defined({
      name,
      uuid: standIn,
      server_uuid: serverUuid,
      licensed_hosts: licensedHosts,
      licensed_hosts_used: usedHosts,
    }),
    ...(simulated ? { simulated } : {}),
  }
}
