/** The reports that a question is asked of: which hosts they tell of, what those are called, and whose look counts. */
import { identifyHosts, makeHostLedger } from '../hosts/host-ledger.ts'
import type { OpenReport } from '../query/results.ts'

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

/** Per report and host: by what the host is told apart in the whole answer, what it is called there, and whether it counts. */
export interface LookIdentity {
  readonly key: (host: number) => number | string
  readonly name: ((host: number) => string) | undefined
  readonly counts: (host: number) => boolean
}

export async function identitiesOf(asked: readonly AskedReport[], latest: boolean): Promise<LookIdentity[]> {
  if (asked.length === 1 && !latest) {
    return [{ key: (host) => host, name: undefined, counts: () => true }]
  }
  const reports = await Promise.all(
    asked.map(({ use }) =>
      use(({ store }) => store.hosts.map(({ name, marks, reach, same }) => ({ name, marks, reach, same }))),
    ),
  )
  const sightings = identifyHosts(reports)
  const ledger = makeHostLedger()
  for (const hosts of reports) ledger.add(hosts)
  const newest = new Map<number, number>()
  for (const [at, hosts] of reports.entries()) {
    for (const [host, { identity }] of sightings[at]!.entries()) {
      if (hosts[host]!.reach === 'finished' || !newest.has(identity)) newest.set(identity, at)
    }
  }
  return sightings.map((each, at) => ({
    key: (host) => each[host]?.identity ?? host,
    name: (host) => ledger.identities[each[host]?.identity ?? 0]?.names[0] ?? '',
    counts: (host) => !latest || newest.get(each[host]?.identity ?? -1) === at,
  }))
}
