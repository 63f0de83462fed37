/**
 * Copies of the entries of scanners that have scans under way, so that a scanner
 * may leave scanners.yaml, or be renamed, and its scans still go on.
 *
 *   K1. A copy is written with each admission to the scanner, and anew when its entry changes.
 *   K2. It is sealed with the vault's key: an entry holds secrets.
 *   K3. It is read only where the configuration has no such scanner. Nothing is admitted to it.
 *   K4. It is erased when the last scan of its scanner has ended.
 */
import { isDeepStrictEqual } from 'node:util'
import * as v from 'valibot'
import { check } from '../base/check.ts'
import { PermanentError } from '../base/errors.ts'
import type { Keyspace } from '../bus/keyspace.ts'
import type { Transaction, Write } from '../bus/transaction.ts'
import { scannerKey } from '../scans/record.ts'
import type { ScanKeys } from '../scans/scan-keys.ts'
import type { Scans } from '../scans/scans.ts'
import type { Vault } from '../scans/vault.ts'
import type { ScannerEntry, ScannerRegistry } from './entry.ts'
import type { Scanner } from './scanner.ts'

const Text = v.string('expected text')
const Entry = v.object({
  key: Text,
  pool: Text,
  instanceId: Text,
  type: v.literal('nessus'),
  name: Text,
  url: Text,
  enabled: v.boolean(),
  maxConcurrentScans: v.number(),
  username: v.exactOptional(Text),
  password: v.exactOptional(Text),
  accessKey: v.exactOptional(Text),
  secretKey: v.exactOptional(Text),
  tls: v.object({
    ca: v.exactOptional(Text),
    fingerprint: v.exactOptional(Text),
    insecure: v.exactOptional(v.boolean()),
    serverName: v.exactOptional(Text),
    client: v.exactOptional(v.object({ certificate: Text, key: Text })),
  }),
  proxy: v.exactOptional(v.object({ url: Text, username: v.exactOptional(Text), password: v.exactOptional(Text) })),
  linkedScanner: v.exactOptional(Text),
  webSession: v.boolean(),
  allowedTargets: v.array(Text),
  deniedTargets: v.array(Text),
  allowedPolicies: v.exactOptional(v.array(Text)),
  auditFiles: v.exactOptional(v.array(v.object({ name: Text, path: Text, category: Text }))),
  scanLimits: v.exactOptional(
    v.object({
      maxHostsAtOnce: v.exactOptional(v.number()),
      maxChecksAtOnce: v.exactOptional(v.number()),
      unsafeChecks: v.exactOptional(v.boolean()),
    }),
  ),
}) satisfies v.GenericSchema<unknown, ScannerEntry>

export interface KeptSources {
  readonly scanners: ScannerRegistry
  readonly keyspace: Keyspace
  readonly scanKeys: ScanKeys
  readonly vault: Vault
}

const refOf = (key: string) => `scanner:${key}`

export function keepWrite(entry: ScannerEntry, { scanKeys, vault }: Pick<KeptSources, 'scanKeys' | 'vault'>): Write {
  return ['HSET', scanKeys.kept, entry.key, vault.seal(refOf(entry.key), entry)]
}

/** The kept copy; `undefined` when there is none. Throws PermanentError when it does not open. */
export async function keptEntry(
  key: string,
  { keyspace, scanKeys, vault }: Omit<KeptSources, 'scanners'>,
): Promise<ScannerEntry | undefined> {
  const sealed = (await keyspace.hash(scanKeys.kept))[key]
  if (sealed === undefined) return undefined
  return check(Entry, vault.open(refOf(key), sealed), `kept entry of scanner ${key}`)
}

/** Writes of the copies that are no longer as configured, or missing though their scanner has scans under way. */
export async function changedCopies(sources: KeptSources & { readonly scans: Scans }): Promise<Write[]> {
  const { scanners, keyspace, scanKeys, vault, scans } = sources
  const kept = await keyspace.hash(scanKeys.kept)
  const stale = await Promise.all(
    scanners.entries().map(async (entry) => {
      const sealed = kept[entry.key]
      if (sealed === undefined) return (await scans.used(entry.key)) > 0 ? [entry] : []
      return isDeepStrictEqual(opened(vault, entry.key, sealed), entry) ? [] : [entry]
    }),
  )
  return stale.flat().map((entry) => keepWrite(entry, sources))
}

/** One that does not open, for want of its key, is replaced. */
function opened(vault: Vault, key: string, sealed: string): unknown {
  try {
    return vault.open(refOf(key), sealed)
  } catch {
    return undefined
  }
}

/** The client of a scanner: as configured, else by its kept copy. `undefined` when it is neither. */
export async function reachScanner(key: string, sources: KeptSources): Promise<Scanner | undefined> {
  const { scanners } = sources
  if (scanners.find(key)) return scanners.scanner(key)
  const kept = await keptEntry(key, sources)
  return kept && scanners.clientOf(kept)
}

/** Thrown where a step cannot go on without a scanner that is neither configured nor kept. */
export class ScannerLeftError extends PermanentError {
  override readonly name = 'ScannerLeftError'
  readonly remedy: string
  readonly otherwise: string

  constructor(key: string) {
    super(
      `scanner ${key} is neither configured nor kept: what is there can be neither followed nor stopped, and may run on; put it back into scanners.yaml, under the same pool and instance_id`,
    )
    this.remedy = `Put scanner ${key} back, and have an operator replay the scan if it has not gone on by itself.`
    this.otherwise = `Put scanner ${key} back, or start the scan again at another one (list_scanners).`
  }
}

/** Erases the copy of a scanner of which no scan is under way any more; nothing where one still is. */
export async function forgetIfLast(
  key: string,
  { scans, keyspace, scanKeys }: Pick<KeptSources, 'keyspace' | 'scanKeys'> & { readonly scans: Scans },
): Promise<Transaction | undefined> {
  if ((await keyspace.hash(scanKeys.kept))[key] === undefined || (await scans.used(key)) > 0) return undefined
  // Adopted scans hold no slot.
  const isOf = (scan: Parameters<typeof scannerKey>[0]) => scannerKey(scan) === key
  if ((await scans.list({ status: 'running', matches: isOf, limit: 1 })).scans.length > 0) return undefined
  return {
    guards: [{ if: 'room', key: scanKeys.slots(key), below: 1, else: 'stale' }],
    writes: [['HDEL', scanKeys.kept, key]],
  }
}
