/** One scanner of the configuration, checked. */
export interface ScannerEntry {
  /** `pool/instance`: names the scanner everywhere inside the system. */
  readonly key: string
  readonly pool: string
  readonly instanceId: string
  readonly type: 'nessus'
  readonly name: string
  readonly url: string
  readonly enabled: boolean
  readonly maxConcurrentScans: number
  readonly username?: string
  readonly password?: string
  readonly accessKey?: string
  readonly secretKey?: string
  /** `ca` is PEM text; `fingerprint` is 64 hex digits of the certificate's or its public key's SHA-256. */
  readonly tls: {
    readonly ca?: string
    readonly fingerprint?: string
    readonly insecure?: boolean
    /** The name that the certificate must bear, where the url has another. */
    readonly serverName?: string
    /** Shown to a scanner that demands one: PEM text, with its key. */
    readonly client?: { readonly certificate: string; readonly key: string }
  }
  /** The HTTP proxy on the way there. */
  readonly proxy?: { readonly url: string; readonly username?: string; readonly password?: string }
  /** Of a Nessus Manager: the scanner, by name or id, on which its scans run; absent for the manager's own. */
  readonly linkedScanner?: string
  /** Use the web interface's own token to launch: see docs/scanners.md for the licence caveat. */
  readonly webSession: boolean
  /** CIDRs, addresses and host-name patterns a scan may touch; empty means any. */
  readonly allowedTargets: readonly string[]
  /** Wins over {@link allowedTargets}. */
  readonly deniedTargets: readonly string[]
  /** Runs of people that are taken in by schedule. */
  readonly adopt?: {
    readonly everyMs: number
    readonly folder?: string
    readonly name?: string
    readonly since?: string
    readonly partial: boolean
    readonly limit: number
  }
  /** Names of the policies that a call may name; absent for any. */
  readonly allowedPolicies?: readonly string[]
  /** Compliance audits that a call may name. */
  readonly auditFiles?: readonly { readonly name: string; readonly path: string; readonly category: string }[]
  /** What a call may set of a scan; absent where the configuration says nothing of it. */
  readonly scanLimits?: {
    readonly maxHostsAtOnce?: number
    readonly maxChecksAtOnce?: number
    /** Whether checks may run that can harm hosts. */
    readonly unsafeChecks?: boolean
  }
}

/** A configured set of scan credentials, named by `credential`. Never travels: looked up by `create`. */
export interface NamedCredential {
  readonly name: string
  readonly credentials: import('../facts/credential-kinds.ts').AnyCredentials
  /** CIDRs, addresses and host-name patterns it may be used against; one that states none is refused. */
  readonly allowedTargets?: readonly string[]
  /** `pool/instance`, or a pool; absent for any. */
  readonly scanners?: readonly string[]
  /** Names of tokens; absent for any caller. */
  readonly callers?: readonly string[]
}

/** The configured scanners, as they are now: a reload swaps the whole of it at once. */
export interface ScannerRegistry {
  /** Pool names in the order of the file; the first is the default pool. */
  pools(): readonly string[]
  /** Every entry, enabled or not, in the order of the file. */
  entries(): readonly ScannerEntry[]
  find(key: string): ScannerEntry | undefined
  /** The client of one entry; kept (session, connections) until the entry changes. Throws PermanentError on an unknown key. */
  scanner(key: string): import('./scanner.ts').Scanner
  /** The client of an entry that has left the configuration, by its kept copy. */
  clientOf(entry: ScannerEntry): import('./scanner.ts').Scanner
  credential(name: string): NamedCredential | undefined
  /** The names that `caller` may know of. */
  credentialNames(caller: string | undefined): readonly string[]
  /** Calls `listener` after each successful reload. */
  onReload(listener: () => void): void
  close(): Promise<void>
}
