/** What keeps the dead letter of a scan's step from being replayed, as far as it is known beforehand. */
import type { Keyspace } from '../../bus/keyspace.ts'
import type { ScannerRegistry } from '../../scanners/entry.ts'
import { policyAllows, policyRefusalOf } from '../../scanners/policy-now.ts'
import { scannerKey, type Scan } from '../../scans/record.ts'
import type { ScanKeys } from '../../scans/scan-keys.ts'

export interface ObstacleSources {
  readonly keyspace: Keyspace
  readonly scanKeys: ScanKeys
  /** As configured where this runs; without entries, nothing is known here of the scanners. */
  readonly scanners: Pick<ScannerRegistry, 'find' | 'entries'>
}

export interface ReplayObstacle {
  readonly why: string
  /** For the operator who holds the letter. */
  readonly remedy: string
  /** For whoever started the scan. */
  readonly owner: string
}

/** Why the letter of `functionName` about `scan`, which failed, would not help; `undefined` when it may. */
export async function replayObstacle(
  functionName: string,
  scan: Scan,
  sources: ObstacleSources,
): Promise<ReplayObstacle | undefined> {
  const { scanners } = sources
  if (functionName === 'create' && scan.credentials?.kind === 'sealed') {
    return {
      why: 'its credentials were erased when it failed',
      remedy: 'Start a new scan with them, and discard this.',
      owner: 'Start the scan again, with its credentials: they were erased when it failed.',
    }
  }
  // Where no scanner is configured at all, nothing is known of them.
  if (scanners.entries().length === 0 || scan.origin === 'imported') return undefined
  if (scan.scanner_scan_id !== undefined) {
    const left = await leftScanner(scan, sources)
    if (left) return left
  } else if (scan.origin === 'created' && fitting(scan, sources).length === 0) {
    const where = scan.pinned_instance === undefined ? `pool ${scan.scanner_pool}` : pinned(scan)
    return missing(`no scanner of ${where} is configured`, where)
  }
  return functionName === 'create' || functionName === 'launch' ? byPolicy(scan, sources) : undefined
}

const pinned = (scan: Scan) => `${scan.scanner_pool}/${scan.pinned_instance}`

function missing(why: string, what: string): ReplayObstacle {
  const back = `Put ${what} back into scanners.yaml, under the same pool and instance_id`
  return {
    why,
    remedy: `${back}, and replay again; or discard the letter.`,
    owner: `${back}, and have an operator replay the scan; or start it again at another scanner (list_scanners).`,
  }
}

/** The scan is at a scanner that is neither configured, nor is a copy of its entry kept. */
async function leftScanner(scan: Scan, sources: ObstacleSources): Promise<ReplayObstacle | undefined> {
  const key = scannerKey(scan)
  if (key === undefined || sources.scanners.find(key)) return undefined
  if ((await sources.keyspace.hash(sources.scanKeys.kept))[key] !== undefined) return undefined
  return missing(`its scanner ${key} is neither configured nor kept`, `scanner ${key}`)
}

function fitting(scan: Scan, { scanners }: ObstacleSources) {
  const wanted = scan.scanner_scan_id === undefined ? scan.pinned_instance : scan.scanner_instance
  return scanners.entries().filter(({ pool, instanceId }) => {
    return pool === scan.scanner_pool && (wanted ?? instanceId) === instanceId
  })
}

/** What has not run yet is held against the target policy as it is now: it would only fail again. */
function byPolicy(scan: Scan, sources: ObstacleSources): ReplayObstacle | undefined {
  const entries = fitting(scan, sources)
  if (entries.length === 0 || entries.some((entry) => policyAllows(entry, scan))) return undefined
  return {
    why: policyRefusalOf(scan, entries) ?? 'no scanner of its pool allows its targets any more',
    remedy: 'Change the entry in scanners.yaml, or discard the letter.',
    owner:
      'Have an operator allow its targets in scanners.yaml and replay the scan; or start one with targets that are allowed.',
  }
}
