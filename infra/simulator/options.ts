/**
 * What a caller may ask of the simulator, and what it gets when it does not.
 * Behaviours of the real scanner that nobody has shown for certain are options
 * here (`quirks`), never truths.
 */
import type { Log } from '../../lib/base/log.ts'

/** The line of Nessus that is imitated: shapes of answers differ between them. */
export const PRODUCT_PROFILES = [6, 7, 8, 10] as const
export type Profile = (typeof PRODUCT_PROFILES)[number]

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
}

/** Behaviours that the sources leave open; each default is the likeliest or the least forgiving. */
export interface Quirks {
  /** Drop the connection once the headers of a 412 are out, as Nessus 10 does. */
  readonly resetOn412: boolean
  /** Accept API keys with the web interface's token instead of a session cookie. */
  readonly tokenWithKeys: boolean
  readonly launchWhileActiveStatus: number
  readonly stopWhileIdleStatus: number
  readonly deleteWhileActiveStatus: number
  readonly downloadBeforeReadyStatus: number
  /** An export can be fetched once, then it is gone. */
  readonly singleUseDownloads: boolean
  /** On 8 and later, answer `/server/status` with the HTTP status of its `code` instead of 200. */
  readonly statusFollowsCode: boolean
  /** Refuse credential fields that the template does not list; otherwise they are ignored. */
  readonly rejectUnknownCredentialFields: boolean
  /** What happens when a scan has more hosts than the licence covers. */
  readonly overLicence: 'drop' | 'reject'
  /** Id of the extra field that `su+sudo` asks for. */
  readonly suSudoUserField: string
  /** Whether the form has one credential type for all databases, as old versions do, or one for each. */
  readonly databaseTypes: 'together' | 'each'
  /** `/server/properties` names the installation; old versions are said not to. */
  readonly tellsServerUuid: boolean
  /** `GET /scans/{id}` shows the `template-…` uuid of a scan that was never launched; else null. */
  readonly tellsStandIn: boolean
  /** `GET /scans/{id}` has the history of a scan; else null. */
  readonly tellsHistory: boolean
  /** What `POST …/export` answers with. */
  readonly exportHandle: 'token and file' | 'file' | 'temp_token'
}

export interface SimulatorOptions {
  /** 0 takes any free port. */
  readonly port?: number
  readonly host?: string
  readonly https?: boolean
  /** Folders of `.nessus` files, served byte for byte beside the shipped reports. */
  readonly reportsDirs?: readonly string[]
  /** Scans that name no report take those of the folders in turn; else folders serve by name only. */
  readonly reportsInTurn?: boolean
  readonly accessKey?: string
  readonly secretKey?: string
  readonly username?: string
  readonly password?: string
  /** 128 system administrator, 64 administrator, 32 standard, 16 basic. */
  readonly permissions?: number
  /** Simulated seconds that a scan runs, give or take a tenth. */
  readonly scanSeconds?: number
  /** Simulated seconds that pass in one real second. */
  readonly speed?: number
  readonly profile?: Profile
  /** Whether the licence allows scans to be changed and launched by API. */
  readonly scanApi?: boolean
  /** Scans that run at once, 0 for no limit; others stay `pending`. */
  readonly maxScans?: number
  /** Names of the scanners that are linked to it, as to a Manager. */
  readonly linkedScanners?: readonly string[]
  readonly idleTimeoutSeconds?: number
  readonly licensedHosts?: number
  readonly clock?: Clock
  readonly seed?: number
  readonly log?: Log
  /** Where its scans are kept, so that they go on at the next start; empty keeps them in memory alone. */
  readonly stateFile?: string
  readonly quirks?: Partial<Quirks>
}

/** {@link SimulatorOptions} with every blank filled in. */
export type SimulatorSettings = Required<Omit<SimulatorOptions, 'quirks'>> & { readonly quirks: Quirks }
