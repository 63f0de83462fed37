/**
 * The findings store, format 3: one file per report, described in docs/report-store.md.
 *
 *   magic · text blocks (deflate) · sections · footer (JSON) · trailer
 *
 * The trailer is fixed: footer length, footer checksum, magic. Every block and
 * section has its CRC-32, so damage is found before it is believed.
 */
import { endianness } from 'node:os'
import * as v from 'valibot'
import type { Marks } from '../hosts/marks.ts'
import type { Reach } from '../judge/reach.ts'
import type { Authentication } from '../judge/report-facts.ts'

/** Raise it when the layout changes: an older store is rebuilt from its report. */
export const FORMAT = 3
export const MAGIC = Buffer.from('NMFSTORE', 'latin1')
export const TRAILER_BYTES = 16
export const FOOTER_BYTES_MAX = 1024 * 1024
/** Typed arrays are written as they lie in memory. */
export const ENDIAN = endianness()

/** Texts up to this length are kept in memory while a store is open; longer ones stay in blocks. */
export const SHORT_CHARS_MAX = 250
export const BLOCK_BYTES = 64 * 1024

/** The columns of a finding, each a Uint32Array as long as the report has findings, in default order. */
export const COLUMNS = [
  'host',
  'port',
  'protocol',
  'service',
  'severity',
  'plugin',
  'check',
  'detail',
  'instance',
  'serial',
] as const
export type ColumnName = (typeof COLUMNS)[number]
export type Columns = Readonly<Record<ColumnName, Uint32Array>>

/** A text id is twice its number in its table, plus one when it is a long text. */
export const textIdOf = (number: number, long: boolean): number => number * 2 + (long ? 1 : 0)
export const isLong = (textId: number): boolean => textId % 2 === 1
export const textNumber = (textId: number): number => Math.floor(textId / 2)

/** Numbers per text block in the block table: first raw offset, raw length, file offset, length, CRC-32. */
export const BLOCK_NUMBERS = 5

const Section = v.object({
  name: v.string(),
  offset: v.number(),
  bytes: v.number(),
  crc: v.number(),
})

export const Footer = v.object({
  format: v.number(),
  endian: v.string(),
  source: v.object({ size: v.number(), sha256: v.string() }),
  findings: v.number(),
  sections: v.array(Section),
})
export type Footer = v.InferOutput<typeof Footer>

/** One ReportHost. All hosts of a report lie in the section `hosts`, as the report has them. */
export interface HostRecord {
  /** As the report writes it. */
  readonly name: string
  readonly ip?: string
  readonly fqdn?: string
  readonly os?: string
  readonly netbios?: string
  readonly mac?: string
  readonly start?: string
  readonly end?: string
  readonly credentialed?: boolean
  /** Findings by severity 0 to 4, compliance apart. */
  readonly severities: readonly [number, number, number, number, number]
  readonly compliance: number

  /** What it can be recognised by, in other reports too: lib/reports/hosts. */
  readonly marks: Marks
  /** Every name and address that it goes by, in lower case and one spelling. */
  readonly names: readonly string[]
  /** Index of the first ReportHost of this report that is the same host; its own when it is written once. */
  readonly same: number

  /** How the scan of it went: `unreachable` (the scanner called it dead), `unfinished` (begun, without an end), `finished`, or `unknown`. */
  readonly reach: Reach
  /** The verdict on the login, and how far it reached, so that two scans can be compared without their evidence. */
  readonly login: Authentication
  readonly access: Access
  readonly loginReason: string
  /** As plugin 19506 says, else the report's policy: which ports were looked at, with which policy, how. */
  readonly portRange?: string
  readonly policy?: string
  readonly scanType?: string
  readonly scannerVersion?: string
}

/**
 * How far a login reached, the least first: not at all, nobody says, in without local checks, local checks
 * without all rights or not all of the time, local checks, local checks with proven rights of an administrator.
 */
export const ACCESSES = ['none', 'unknown', 'login', 'limited', 'local', 'privileged'] as const
export type Access = (typeof ACCESSES)[number]

/** Thrown when a store cannot be used as it is: missing, of another format, or damaged. Rebuilding it helps. */
export class StoreUnusable extends Error {
  override readonly name = 'StoreUnusable'
}
