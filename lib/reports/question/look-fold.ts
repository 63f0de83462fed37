/**
 * Who the hosts of reports are, and whose look at each counts, as reports are
 * added in order of their dates. What it knows can be kept, and gone on with when
 * a newer report comes: nothing of the older ones has to be read again. Pure.
 */
import { type KnownHost, makeHostLedger } from '../hosts/host-ledger.ts'
import type { Reach } from '../judge/reach.ts'
import type { HostRecord } from '../store/format.ts'

/** What tells the hosts of one report apart. */
export type ReportHosts = readonly Pick<HostRecord, 'name' | 'marks' | 'reach'>[]

/** The identity of no host. */
export const NOBODY = 0xff_ff_ff_ff

/** Of two looks at a host, the one that got further counts; the newer one where both got as far. */
const RANK: Readonly<Record<Reach, number>> = { finished: 2, unfinished: 1, unknown: 1, unreachable: 0 }

/** Per identity; reports by their number, from 0 in the order in which they were added. */
export interface LooksSoFar {
  readonly reports: number
  readonly hosts: readonly KnownHost[]
  /** The report whose look counts, and how far that got. */
  readonly counting: readonly number[]
  readonly rank: readonly number[]
  /** The report that has it last. */
  readonly last: readonly number[]
}

export interface LookFold {
  /** Adds the next report; the identity of each of its hosts. */
  add(hosts: ReportHosts): Uint32Array
  /** Whether it is this report's look at the host that counts. */
  counts(identity: number, report: number): boolean
  isLast(identity: number, report: number): boolean
  /** What the host is called now. */
  name(identity: number): string
  readonly soFar: LooksSoFar
}

export function makeLookFold(before?: LooksSoFar): LookFold {
  const ledger = makeHostLedger(before?.hosts)
  let reports = before?.reports ?? 0
  const [counting, rank, last] = [[...(before?.counting ?? [])], [...(before?.rank ?? [])], [...(before?.last ?? [])]]
  return {
    add(hosts) {
      const own = Uint32Array.from(ledger.add(hosts), ({ identity }) => identity)
      for (const [host, identity] of own.entries()) {
        last[identity] = reports
        const reached = RANK[hosts[host]!.reach]
        if (reached < (rank[identity] ?? 0)) continue
        counting[identity] = reports
        rank[identity] = reached
      }
      reports++
      return own
    },
    counts: (identity, report) => counting[identity] === report,
    isLast: (identity, report) => last[identity] === report,
    name: (identity) => ledger.identities[identity]?.names[0] ?? '',
    get soFar() {
      return { reports, hosts: ledger.identities, counting, rank, last }
    },
  }
}
