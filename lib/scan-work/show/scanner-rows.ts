/** Scanners as tools show them: configuration without credentials, health, and use. */
import * as v from 'valibot'
import type { ScannerEntry } from '../../scanners/entry.ts'
import type { ScannerHealth } from '../../scanners/scanner.ts'
import type { Services } from '../../runtime/services.ts'

export const ScannerRow = v.object({
  scanner_type: v.string(),
  scanner_pool: v.string(),
  instance_id: v.string(),
  name: v.string(),
  url: v.string(),
  enabled: v.boolean(),
  reachable: v.boolean(),
  ready: v.boolean(),
  problem: v.nullable(v.string()),
  product: v.nullable(v.string()),
  version: v.nullable(v.string()),
  launch: v.string(),
  licensed_hosts: v.nullable(v.number()),
  /** Of them, those that are used up; `null` where the scanner does not tell. */
  licensed_hosts_used: v.nullable(v.number()),
  /** Of our account there; a basic one may launch nothing. `null` where the scanner does not tell. */
  account_role: v.nullable(v.string()),
  /** The scanner of a manager on which its scans run, as configured. */
  linked_scanner: v.nullable(v.string()),
  max_concurrent_scans: v.number(),
  active_scans: v.number(),
  available_capacity: v.number(),
  utilization_pct: v.number(),
})
export type ScannerRow = v.InferOutput<typeof ScannerRow>

const DISABLED: ScannerHealth = {
  reachable: false,
  ready: false,
  launch: 'unknown',
  problem: 'disabled in the configuration',
}

export function scannerRows(
  entries: readonly ScannerEntry[],
  { scanners, scans }: Pick<Services, 'scanners' | 'scans'>,
): Promise<ScannerRow[]> {
  return Promise.all(
    entries.map(async (entry) => {
      const health = entry.enabled ? await scanners.scanner(entry.key).probe() : DISABLED
      const active = await scans.used(entry.key)
      return {
        scanner_type: entry.type,
        scanner_pool: entry.pool,
        instance_id: entry.instanceId,
        name: entry.name,
        url: entry.url,
        enabled: entry.enabled,
        reachable: health.reachable,
        ready: health.ready,
        problem: health.problem ?? null,
        product: health.product ?? null,
        version: health.version ?? null,
        launch: health.launch,
        licensed_hosts: health.licensedHosts ?? null,
        licensed_hosts_used: health.usedHosts ?? null,
        account_role: health.role ?? null,
        linked_scanner: entry.linkedScanner ?? null,
        max_concurrent_scans: entry.maxConcurrentScans,
        active_scans: active,
        available_capacity: Math.max(0, entry.maxConcurrentScans - active),
        utilization_pct: Math.round((100 * active) / entry.maxConcurrentScans),
      }
    }),
  )
}
