/** A set of scanners that tests can see and change: entries without a file, fake clients. */
import { PermanentError } from '../../lib/base/errors.ts'
import { mayKnow } from '../../lib/scanners/credential-policy.ts'
import type { NamedCredential, ScannerEntry, ScannerRegistry } from '../../lib/scanners/entry.ts'
import { FakeScanner, type FakeScannerOptions } from './fake-scanner.ts'

export interface FakeRegistry extends ScannerRegistry {
  /** The fake behind `pool/instance`. */
  fake(key: string): FakeScanner
  /** Changes an entry, as a reload of the configuration would. */
  change(key: string, patch: Partial<ScannerEntry>): void
  /** Takes an entry out of the configuration. */
  drop(key: string): void
  /** Puts one back. */
  restore(entry: ScannerEntry): void
  readonly credentials: NamedCredential[]
}

/** `lab/one` with two slots, and whatever `patch` says. */
export function scannerEntry(patch: Partial<ScannerEntry> = {}): ScannerEntry {
  const pool = patch.pool ?? 'lab'
  const instanceId = patch.instanceId ?? 'one'
  return {
    key: `${pool}/${instanceId}`,
    pool,
    instanceId,
    type: 'nessus',
    name: `Scanner ${instanceId}`,
    url: `https://${instanceId}.scanners.test:8834`,
    enabled: true,
    maxConcurrentScans: 2,
    accessKey: 'a',
    secretKey: 'b',
    tls: {},
    webSession: false,
    allowedTargets: [],
    deniedTargets: [],
    ...patch,
  }
}

export function makeFakeRegistry(entries: readonly ScannerEntry[], options: FakeScannerOptions): FakeRegistry {
  let known = [...entries]
  const fakes = new Map(entries.map(({ key }) => [key, new FakeScanner(options)]))
  const credentials: NamedCredential[] = []
  const fake = (key: string) => {
    const found = fakes.get(key)
    if (found && known.some((entry) => entry.key === key)) return found
    throw new PermanentError(`no scanner ${key} is configured`)
  }
  return {
    credentials,
    fake,
    scanner: fake,
    clientOf({ key }) {
      const found = fakes.get(key)
      if (found) return found
      throw new PermanentError(`no scanner ${key} was ever configured`)
    },
    pools: () => [...new Set(known.map(({ pool }) => pool))],
    entries: () => known,
    find: (key) => known.find((entry) => entry.key === key),
    credential: (name) => credentials.find((credential) => credential.name === name),
    credentialNames: (caller) =>
      credentials.filter((credential) => mayKnow(credential, caller)).map(({ name }) => name),
    onReload() {},
    change(key, patch) {
      known = known.map((entry) => (entry.key === key ? { ...entry, ...patch } : entry))
    },
    drop(key) {
      known = known.filter((entry) => entry.key !== key)
    },
    restore(entry) {
      known = [...known, entry]
    },
    async close() {},
  }
}
