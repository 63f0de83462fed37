import type { ScannerEntry } from '../../../lib/scanners/entry.ts'

/** A scanner's entry with API keys, and `over` put over it. */
export function entryOf(over: Partial<ScannerEntry> & { url: string }): ScannerEntry {
  return {
    key: 'lan/one',
    pool: 'lan',
    instanceId: 'one',
    type: 'nessus',
    name: 'one',
    enabled: true,
    maxConcurrentScans: 2,
    tls: {},
    webSession: false,
    allowedTargets: [],
    deniedTargets: [],
    ...over,
  }
}

export const KEYS = { accessKey: 'canary-access', secretKey: 'canary-secret' }
export const LOGIN = { username: 'u', password: 'canary-password' }
