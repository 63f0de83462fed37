/**
 * All that is known of all findings' lives: tables of what they are about, and
 * columns of numbers, so that a million lives fit in memory and in a file as they are.
 */
import type { KnownHost } from '../hosts/host-ledger.ts'
import type { Reach } from '../judge/reach.ts'
import type { Families } from '../judge/looked-again.ts'
import type { Access } from '../store/format.ts'
import type { LookRecord } from './look-record.ts'

/** What has become of a finding; by their number in the column `state`. */
export const LIFE_STATES = ['open', 'not_retested', 'host_gone', 'fixed'] as const
export type LifeState = (typeof LIFE_STATES)[number]
export const stateNumber = (state: LifeState): number => LIFE_STATES.indexOf(state)

/** Numbers of each life; `scan` is a place in {@link LivesTables.scans}. */
export const LIFE_COLUMNS = [
  /** The host and what was found there. */
  'identity',
  'item',
  /** At its last sight, and the highest ever. */
  'severity',
  /** Scans: in which it was first and last seen, since which it is there at every look, which looked for it last. */
  'first',
  'seen',
  'since',
  'looked',
  'state',
  /** The scan that brought it into its state: proved it fixed, did not retest it any more, did not find the host. */
  'changed',
  /** Bits of the reasons why it was not retested, by their order. */
  'why',
  /** How often it was seen again after it was proved fixed. */
  'returned',
  /** How it was looked at when it was last seen: a place in {@link LivesTables.bases}. */
  'basis',
  /** When its state was last decided by a look at it: seconds since 1970, 0 when nobody says. */
  'decided',
  /** 1 where that date names its zone. */
  'zoned',
  /** The next life of the same host, plus one; 0 at the last. */
  'next',
] as const
export type LifeColumn = (typeof LIFE_COLUMNS)[number]

/** How a look was done, of as many looks as were done alike. */
export interface LookedHow {
  readonly access: Access
  readonly portRange?: string
  readonly policy?: string
  readonly families: Families
}

export interface PluginSaid {
  readonly name: string
  readonly family?: string
  readonly type?: string
  readonly cvss?: number
  readonly vpr?: number
  readonly epss?: number
  readonly cves: readonly string[]
}

export interface HostSaid {
  readonly reach: Reach
  readonly access: Access
  /** The scan of its last look. */
  readonly look: number
}

export interface LivesTables {
  readonly scans: (Pick<LookRecord, 'task_id' | 'scan' | 'at'> & { readonly simulated: boolean })[]
  readonly hosts: KnownHost[]
  readonly hostSaid: HostSaid[]
  /** Of each host its first life, plus one; and the scan since which it is known by a short name alone, plus one. */
  readonly heads: number[]
  readonly moved: number[]
  readonly plugins: [number, PluginSaid][]
  /** Plugin id, port, protocol, which of several alike. */
  readonly items: [number, number, string, number][]
  readonly bases: LookedHow[]
  /** Of lives that were fixed and returned: the scans from and to which they were there before. */
  readonly spells: [number, number[]][]
}

export interface LivesState {
  readonly tables: LivesTables
  readonly columns: Readonly<Record<LifeColumn, Uint32Array>>
}

/** The columns while they grow. */
export function makeLifeColumns(before?: LivesState['columns']) {
  let room = Math.max(64, before?.identity.length ?? 0)
  let count = before?.identity.length ?? 0
  const columns = Object.fromEntries(
    LIFE_COLUMNS.map((name) => {
      const column = new Uint32Array(room)
      if (before) column.set(before[name])
      return [name, column]
    }),
  ) as Record<LifeColumn, Uint32Array>
  return {
    columns,
    /** The number of a new life, all zeros. */
    add(): number {
      if (count === room) {
        room *= 2
        for (const name of LIFE_COLUMNS) {
          const wider = new Uint32Array(room)
          wider.set(columns[name])
          columns[name] = wider
        }
      }
      return count++
    },
    view: (): LivesState['columns'] =>
      Object.fromEntries(LIFE_COLUMNS.map((name) => [name, columns[name].subarray(0, count)])) as Record<
        LifeColumn,
        Uint32Array
      >,
  }
}
