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
  /** Whether the report says anything that no later one says again: if not, its rows need not be read. */
  readonly any: boolean
}

/** Reports whose hosts are read at a time: 500 open at once would fill the memory. */
const READ_AT_ONCE = 8

export async function identitiesOf(asked: readonly AskedReport[], latest: boolean): Promise<LookIdentity[]> {
  if (asked.length === 1 && !latest) {
    return [{ key: (host) => host, name: undefined, counts: () => true, any: true }]
  }
  const reports: ReportHosts[] = []
  for (let from = 0; from < asked.length; from += READ_AT_ONCE) {
    const some = asked.slice(from, from + READ_AT_ONCE)
    reports.push(...(await Promise.all(some.map(({ use }) => use(({ store }) => hostsOf(store))))))
  }
  const sightings = identifyHosts(reports)
  const ledger = makeHostLedger()
  for (const hosts of reports) ledger.add(hosts)
  const newest = new Map<number, number>()
  const last = new Map<number, number>()
  for (const [at, hosts] of reports.entries()) {
    for (const [host, { identity }] of sightings[at]!.entries()) {
      last.set(identity, at)
      if (hosts[host]!.reach === 'finished' || !newest.has(identity)) newest.set(identity, at)
    }
  }
  return sightings.map((each, at) => {
    const isNewest = each.map(({ identity }) => newest.get(identity) === at)
    return {
      key: (host) => each[host]?.identity ?? host,
      name: (host) => ledger.identities[each[host]?.identity ?? 0]?.names[0] ?? '',
      counts: (host) => !latest || isNewest[host] === true,
      // The last try counts too, though it did not reach the host: that it did not is to be said.
      any:
        !latest || each.length === 0 || each.some(({ identity }, host) => isNewest[host] || last.get(identity) === at),
    }
  })
}

type ReportHosts = readonly Pick<StoredHost, 'name' | 'marks' | 'reach' | 'same'>[]
type StoredHost = OpenReport['store']['hosts'][number]

/** Only what tells hosts apart, so that the rest of the report can go. */
function hostsOf(store: OpenReport['store']): ReportHosts {
  return store.hosts.map(({ name, marks, reach, same }) => ({ name, marks, reach, same }))
}
