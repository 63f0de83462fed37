/**
 * What the rest of the system asks of one scanner. `NessusScanner` is the
 * implementation; the functions and the simulation know only this.
 *
 * Errors are about the next action: a {@link PermanentError} says that trying
 * again cannot help (wrong password, no licence to launch, unknown scan);
 * anything else is presumed temporary and its message names the scanner.
 */
import type { Readable } from 'node:stream'
import type { Permit } from '../base/permit.ts'

/** What a scan on the scanner is doing, reduced to what the lifecycle acts on. */
export type ScanPhase =
  /** Created, never launched (`empty`). */
  | 'idle'
  /** Pending, running, pausing, stopping and anything not known to be final. */
  | 'active'
  | 'paused'
  | 'completed'
  /** Stopped or canceled by a person or by us. */
  | 'canceled'
  /** Ended by the scanner on its own, results may be partial. */
  | 'aborted'

export interface ScanState {
  readonly phase: ScanPhase
  /** The scanner's own word, for messages. */
  readonly status: string
  /** 0 to 100, as the scanner reports it: may be missing and may go backwards. */
  readonly progress?: number
  /** Hosts the scanner has met so far. */
  readonly hosts: number
  /** The scanner's id of the newest run, when it has run. */
  readonly runUuid?: string
}

/** A scan on the scanner, as its list shows it. */
export interface ScannerScan {
  readonly id: number
  readonly name: string
  readonly status: string
  readonly phase: ScanPhase
  readonly owner?: string
  readonly folderId?: number
  /** Seconds since 1970. */
  readonly createdAt?: number
  readonly lastModifiedAt?: number
}

/** Credentials in the contract's words; the client turns them into the scanner's. Never logged. */
export interface ScanCredentials {
  readonly username: string
  readonly password?: string
  /** As the contract spells them: password, public key, certificate, Kerberos, windows password. */
  readonly authMethod: 'password' | 'public key' | 'certificate' | 'Kerberos' | 'windows password'
  readonly privateKey?: string
  readonly passphrase?: string
  readonly certificate?: string
  readonly domain?: string
  readonly realm?: string
  readonly kdc?: string
  readonly kdcPort?: number
  readonly elevateWith?: string
  readonly escalationAccount?: string
  readonly escalationPassword?: string
}

export interface NewScan {
  /** Shown to people on the scanner. */
  readonly name: string
  /** Holds the marker (the task id) by which an orphan is found again. */
  readonly description: string
  /** The task id: the scan is named `<name> [<marker>]` at the scanner. Taken out of the description when not given. */
  readonly marker?: string
  /** Comma separated, as the scanner takes them. */
  readonly targets: string
  /** A template's name (`basic`), resolved at the scanner. */
  readonly template: string
  readonly credentials?: ScanCredentials
}

/** What a probe found. `launch` is what the licence says of launching by API. */
export interface ScannerHealth {
  readonly reachable: boolean
  /** Set when not reachable or not ready: a sentence with the cause and what to do. */
  readonly problem?: string
  readonly ready: boolean
  readonly product?: string
  readonly version?: string
  readonly launch: 'allowed' | 'web_session' | 'not_allowed' | 'unknown'
  /** Addresses the licence covers, when it says so. */
  readonly licensedHosts?: number
}

export interface ScannerTemplate {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly uuid: string
}

export interface Scanner {
  probe(): Promise<ScannerHealth>
  templates(): Promise<ScannerTemplate[]>
  scans(): Promise<ScannerScan[]>

  /**
   * Creates a scan and returns its id at the scanner. Never retried blindly: call {@link findByMarker} first. `permit` is
   * asked as the request is sent; nothing is sent when it throws.
   */
  create(scan: NewScan, permit?: Permit): Promise<number>
  /** The scan whose description carries `marker`, created by an earlier attempt of ours; `undefined` if there is none. */
  findByMarker(marker: string): Promise<number | undefined>
  /** Launches once and returns the run's uuid. Look at {@link state} first when it may have been launched already. `permit` as for {@link create}. */
  launch(id: number, permit?: Permit): Promise<string>
  /** `undefined` when the scanner has no such scan (any more). */
  state(id: number): Promise<ScanState | undefined>
  /** Asks the scanner to stop; already stopped or gone is not an error. */
  stop(id: number): Promise<void>
  pause(id: number): Promise<void>
  resume(id: number): Promise<void>
  /** Deletes the scan and its results; already gone is not an error. */
  remove(id: number): Promise<void>

  /** Asks for a .nessus export of the newest run; the handle is secret enough not to be logged. */
  requestExport(id: number): Promise<string>
  /** `gone` when the scanner has forgotten the export or failed at it: ask again. */
  exportState(id: number, handle: string): Promise<'loading' | 'ready' | 'gone'>
  /** The report's bytes. The caller consumes or destroys the stream. */
  download(id: number, handle: string): Promise<Readable>
  /** Ends the session, if there is one, and closes connections. */
  close(): Promise<void>
}
