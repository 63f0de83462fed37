/**
 * What the rest of the system asks of one scanner. `NessusScanner` is the
 * implementation; the functions and the simulation know only this.
 *
 * Errors are about the next action: a {@link PermanentError} says that trying
 * again cannot help (no licence to launch, an unknown template); a
 * `ScannerAwayError` that the answer says something about our access or the way,
 * and is waited for; anything else is presumed temporary and names the scanner.
 */
import type { Readable } from 'node:stream'
import type { Permit } from '../base/permit.ts'
import type { ScanSetup } from '../facts/scan-settings.ts'
import type { AnyCredentials } from '../facts/credential-kinds.ts'
import type { ScannerRole } from '../facts/scanner-roles.ts'
import type { OwnRun, OwnScan } from './own-scan.ts'
import type { ScanPhase, ScanReader, ServerFacts } from './scan-state.ts'

/** A scan on the scanner, as its list shows it. */
export interface ScannerScan {
  readonly id: number
  readonly name: string
  readonly status: string
  readonly phase: ScanPhase
  readonly owner?: string
  readonly folderId?: number
  /** Its folder's name, where the list names the folder. */
  readonly folder?: string
  /** It lies in the trash. */
  readonly trashed?: true
  /** Of its newest run. */
  readonly runUuid?: string
  /** Seconds since 1970. */
  readonly createdAt?: number
  readonly lastModifiedAt?: number
}

export interface ScannerFolder {
  readonly id: number
  readonly name: string
}

/** The scanner's list, read whole in one request. */
export interface ScannerListing {
  readonly scans: readonly ScannerScan[]
  readonly folders: readonly ScannerFolder[]
}

/** What a new scan is made from; looked up at the scanner by scan-basis.ts. */
export interface AskedBasis {
  /** A template's name (`basic`); a policy brings its own. */
  readonly template: string
  readonly policy?: {
    /** The name or id that the caller wrote. */
    readonly asked: string
    /** The one that was found as the scan was asked for. */
    readonly id?: number | undefined
    readonly name?: string | undefined
  }
}

export interface NewScan extends AskedBasis {
  /** Shown to people on the scanner. */
  readonly name: string
  readonly description: string
  /** The task id: the scan is named `<name> [<marker>]` at the scanner. */
  readonly marker: string
  /** Comma separated, as the scanner takes them. */
  readonly targets: string
  /** Held against the template's own form. */
  readonly settings?: ScanSetup
  readonly credentials?: AnyCredentials
  /** Tried after them, in this order. */
  readonly moreCredentials?: readonly AnyCredentials[]
}

/** What a probe found. `launch` is what the licence says of launching by API. */
export interface ScannerHealth {
  readonly reachable: boolean
  /** Set when not reachable or not ready, or when its account may launch nothing: a sentence with the cause and what to do. */
  readonly problem?: string
  readonly ready: boolean
  readonly product?: string
  readonly version?: string
  readonly launch: 'allowed' | 'web_session' | 'not_allowed' | 'unknown'
  /** Addresses the licence covers, when it says so. */
  readonly licensedHosts?: number
  /** Of them, those that are used up. */
  readonly usedHosts?: number
  /** Of our account; absent where the scanner does not tell. */
  readonly role?: ScannerRole
}

export interface ScannerTemplate {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly uuid: string
  /** Why no scan can be made from it here; absent when one can. */
  readonly obstacle?: string
}

/** A policy that somebody saved at the scanner. */
export interface ScannerPolicy {
  readonly id: number
  readonly name: string
  readonly description: string
  readonly owner?: string
  /** Seconds since 1970. */
  readonly lastModifiedAt?: number
  readonly templateUuid?: string
  /** Its template's name, where the scanner lists that. */
  readonly template?: string
  /** Why no scan can be made from it here; absent when one can. */
  readonly obstacle?: string
}

export interface LookOptions {
  /** What the scanner said some minutes ago will do. */
  readonly recent?: boolean
  /** Also what cannot run here, with its `obstacle`. */
  readonly all?: boolean
}

/** A scan just made, with what the scanner said of it: by that it is known again. */
export interface MadeScan {
  readonly id: number
  readonly name?: string
  /** The uuid that it bears until it is launched. */
  readonly standIn?: string
}

export interface Scanner extends ScanReader {
  probe(): Promise<ScannerHealth>
  serverFacts(): Promise<ServerFacts>
  /** Those that can run here. */
  templates(options?: LookOptions): Promise<readonly ScannerTemplate[]>
  /** All that it shows to our account; those with an `obstacle` cannot be used. */
  policies(options?: LookOptions): Promise<readonly ScannerPolicy[]>
  scans(): Promise<ScannerScan[]>
  /** The same list, with its folders. */
  listing(): Promise<ScannerListing>

  /**
   * Creates a scan. Never retried blindly: call {@link findMarked} first. `permit` is asked as the request is sent;
   * nothing is sent when it throws.
   */
  create(scan: NewScan, permit?: Permit): Promise<MadeScan>
  /** Ids of the scans that bear exactly this name and are not in the trash, lowest first: ours comes before any copy of it. */
  findMarked(scan: { readonly name: string; readonly marker: string }): Promise<number[]>
  /** Launches once and returns the run's uuid. `permit` as for {@link create}. */
  launch(scan: OwnScan, permit?: Permit): Promise<string>
  /** Asks the scanner to stop, or with `kill` to end it at once; already stopped or gone is not an error. */
  stop(scan: OwnScan, options?: { readonly kill?: boolean }): Promise<void>
  pause(scan: OwnScan): Promise<void>
  resume(scan: OwnScan): Promise<void>
  /** Deletes the scan and its results; already gone is not an error. */
  remove(scan: OwnScan): Promise<void>

  /** Asks for a .nessus export of the run; the handle is secret enough not to be logged. */
  requestExport(run: OwnRun): Promise<string>
  /** `gone` when the scanner has forgotten the export or failed at it: ask again. */
  exportState(run: OwnRun, handle: string): Promise<'loading' | 'ready' | 'gone'>
  /** The report's bytes. The caller consumes or destroys the stream. */
  download(run: OwnRun, handle: string): Promise<Readable>
  /** Ends the session, if there is one, and closes connections. */
  close(): Promise<void>
}
