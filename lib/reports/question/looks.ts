/** The reports that a question is asked of: which hosts they tell of, what those are called, and whose look counts. */
import { momentOf } from '../judge/report-dates.ts'
import type { OpenReport } from '../query/results.ts'
import { type LookFold, makeLookFold, NOBODY, type ReportHosts } from './look-fold.ts'

export interface Look {
  readonly task_id: string
  readonly scan: string
  /** The scan's own date, as its report says. */
  readonly at: string | null
}

export interface AskedReport {
  readonly look: Look
  /** Opens the report; called once for its hosts and once for its rows, so that one at a time is held. */
  readonly use: <T>(ask: (report: OpenReport) => T | Promise<T>) => Promise<T>
}

/** A report that still says something, and who its hosts are. */
export interface RestingReport {
  readonly look: Look
  readonly use: <T>(ask: (report: OpenReport, identity: LookIdentity) => T | Promise<T>) => Promise<T>
}

/** Per report and host: by what the host is told apart in the whole answer, what it is called there, and whether it counts. */
export interface LookIdentity {
  readonly key: (host: number) => number | string
  readonly name: ((host: number) => string) | undefined
  readonly counts: (host: number) => boolean
  /** Whether what the report could not see of the host is to be said: it counts, or is the last try, which did not reach it. */
  readonly tells: (host: number) => boolean
  /** Whether the report says anything that no later one says again: if not, its rows need not be read. */
  readonly any: boolean
  /** How many hosts it tells of. */
  readonly telling: number
  /** Whether a host that counts here counts in no other report, so that hosts of several reports can be added up. */
  readonly isAlone: boolean
}

export const OF_ITSELF: LookIdentity = {
  key: (host) => host,
  name: undefined,
  counts: () => true,
  tells: () => true,
  any: true,
  telling: Infinity,
  isAlone: true,
}

/** A report whose every host was looked at again since. */
export const LOOKED_AT_AGAIN: LookIdentity = {
  ...OF_ITSELF,
  counts: () => false,
  tells: () => false,
  any: false,
  telling: 0,
}

/** Reports whose hosts are read at a time: 500 open at once would fill the memory. */
const READ_AT_ONCE = 8

/**
 * The identities of the hosts of several reports, the oldest first. Of each report a number per host is kept, and what is
 * known of each identity: not what was read.
 */
export async function identitiesOf(
  hostsOf: readonly (() => Promise<ReportHosts>)[],
  latest: boolean,
): Promise<LookIdentity[]> {
  const fold = makeLookFold()
  const owns = await foldIn(fold, hostsOf)
  return owns.map((own, at) => lookIdentity(fold, own, { at, latest }))
}

/** Adds further reports, in order; of each the identity of every host. */
export async function foldIn(fold: LookFold, hostsOf: readonly (() => Promise<ReportHosts>)[]): Promise<Uint32Array[]> {
  const owns: Uint32Array[] = []
  for (let from = 0; from < hostsOf.length; from += READ_AT_ONCE) {
    const some = await Promise.all(hostsOf.slice(from, from + READ_AT_ONCE).map((read) => read()))
    owns.push(...some.map((hosts) => fold.add(hosts)))
  }
  return owns
}

/** `own`: the identity of each host of the report that was added as number `at`. */
export function lookIdentity(
  fold: LookFold,
  own: Uint32Array,
  { at, latest }: { readonly at: number; readonly latest: boolean },
): LookIdentity {
  const counts = (host: number): boolean => !latest || fold.counts(own[host] ?? NOBODY, at)
  const tells = (host: number): boolean => counts(host) || fold.isLast(own[host] ?? NOBODY, at)
  const telling = own.reduce((sum, _, host) => sum + (tells(host) ? 1 : 0), 0)
  return {
    key: (host) => own[host] ?? host,
    name: (host) => fold.name(own[host] ?? NOBODY),
    counts,
    tells,
    telling,
    any: !latest || own.length === 0 || telling > 0,
    isAlone: latest,
  }
}

/** In order of their dates; those of one moment as they came. */
export const byDate = <T>(asked: readonly T[], dateOf: (each: T) => string | null): T[] =>
  asked.toSorted((a, b) => (momentOf(dateOf(a)) ?? 0) - (momentOf(dateOf(b)) ?? 0))

/** The reports that a question rests on, the oldest first. `latest`: each host counts by its latest look alone. */
export async function restingOf(asked: readonly AskedReport[], latest: boolean): Promise<RestingReport[]> {
  const ordered = byDate(asked, ({ look }) => look.at)
  const identities =
    ordered.length === 1 && !latest
      ? [OF_ITSELF]
      : await identitiesOf(
          ordered.map(
            ({ use }) =>
              () =>
                use(({ store }) => store.hosts),
          ),
          latest,
        )
  // A report whose every host was looked at again since says nothing of the latest look.
  return ordered.flatMap(({ look, use }, at) => {
    const identity = identities[at]!
    return identity.any ? [{ look, use: (ask) => use((report) => ask(report, identity)) }] : []
  })
}
