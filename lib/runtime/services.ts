/** What the outside world offers a function. Tests pass fakes; the entry point passes the real ones. */
import type { Log } from '../base/log.ts'
import type { BusKeys } from '../bus/keys.ts'
import type { Keyspace } from '../bus/keyspace.ts'
import type { Reports } from '../reports/reports.ts'
import type { ScannerRegistry } from '../scanners/entry.ts'
import type { ScanKeys } from '../scans/scan-keys.ts'
import type { Scans } from '../scans/scans.ts'
import type { Vault } from '../scans/vault.ts'

/** The settings a function acts on. */
export interface Limits {
  /** The longest pause between two looks at a running scan. */
  readonly pollIntervalMs: number
  /** A scan launched longer ago than this is stopped. */
  readonly scanTimeoutMs: number
  /** Addresses one scan may cover. */
  readonly targetsMax: number
  /** Waiting scans a pool takes before it refuses more. */
  readonly queueMax: number
  /** Waiting scans of one caller. */
  readonly queueMaxPerCaller: number
  /** Scans we created are deleted at the scanner this long after they ended; 0 keeps them. */
  readonly scannerRetentionMs: number
  /** By which clients reach the gateway; `undefined` when it is not known. */
  readonly publicUrl: string | undefined
  readonly completedTtlMs: number
  readonly failedTtlMs: number
  readonly importDir: string | undefined
  /** Where gateways put files that were sent to them. */
  readonly uploadDir: string
  readonly importBytesMax: number
  /** Bytes of imported reports that one caller may keep. */
  readonly importQuotaBytes: number
  readonly resultBytesMax: number
}

export interface Services {
  readonly scans: Scans
  readonly scanners: ScannerRegistry
  readonly reports: Reports
  /** For what the ports above do not answer; functions prefer those. */
  readonly keyspace: Keyspace
  readonly scanKeys: ScanKeys
  readonly busKeys: BusKeys
  readonly vault: Vault
  readonly limits: Limits
  /** Appends a line to the log of a scan's talk with its scanner. */
  readonly scannerLog: (taskId: string, line: string) => Promise<void>
  /** `bytes` random bytes as hex. */
  readonly randomHex: (bytes: number) => string
  readonly log: Log
}
