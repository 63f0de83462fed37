/**
 * What is known of each scanner's health, shared by all workers: written by the
 * probe that runs by the clock, and at once by whoever finds a scanner away.
 */
import * as v from 'valibot'
import { defined } from '../base/defined.ts'
import { mayLaunch, SCANNER_ROLES } from '../facts/scanner-roles.ts'
import type { Keyspace } from '../bus/keyspace.ts'
import type { Write } from '../bus/transaction.ts'
import type { ScanKeys } from '../scans/scan-keys.ts'

/** A word on a scanner that is older than this counts no more: perhaps nobody probes. */
const STALE_MS = 300_000

const Health = v.object({
  ready: v.boolean(),
  /** A sentence: why it is not ready. */
  problem: v.optional(v.string()),
  /** A step met the problem, and will know more by then: until then no probe's good word counts. */
  until: v.optional(v.string()),
  launch: v.picklist(['allowed', 'web_session', 'not_allowed', 'unknown']),
  /** Of our account. */
  role: v.optional(v.picklist(SCANNER_ROLES)),
  /** When this was seen, ISO 8601 by Redis's clock. */
  checked_at: v.string(),
})
export type KnownHealth = v.InferOutput<typeof Health>

/** By scanner key (`pool/instance`); a scanner of which nothing recent is known is missing. */
export async function knownHealth(
  keyspace: Keyspace,
  scanKeys: ScanKeys,
  now: Date,
): Promise<ReadonlyMap<string, KnownHealth>> {
  const known = new Map<string, KnownHealth>()
  for (const [key, text] of Object.entries(await keyspace.hash(scanKeys.health))) {
    const result = v.safeParse(v.pipe(v.string(), v.parseJson(), Health), text)
    if (result.success && now.getTime() - Date.parse(result.output.checked_at) < STALE_MS) known.set(key, result.output)
  }
  return known
}

export function healthWrite(scanKeys: ScanKeys, scanner: string, health: KnownHealth): Write {
  return ['HSET', scanKeys.health, scanner, JSON.stringify(health)]
}

/** What counts after a probe: its own word, unless a step that talked to the scanner has met a problem that a probe does not see. */
export function afterProbe(before: KnownHealth | undefined, probed: KnownHealth): KnownHealth {
  const isHeld = before?.until !== undefined && before.until > probed.checked_at
  if (!isHeld || !probed.ready) return probed
  const { launch, role, checked_at } = probed
  return { ...before, launch, ...defined({ role }), checked_at }
}

/** Whether new scans may go to a scanner. One of which nothing is known may be tried. */
export function canTakeScans(health: KnownHealth | undefined): boolean {
  return health === undefined || (health.ready && mayLaunchAt(health))
}

/** Whether licence and account let scans be launched there, as far as is known. */
export function mayLaunchAt(health: KnownHealth | undefined): boolean {
  return health?.launch !== 'not_allowed' && mayLaunch(health?.role)
}
