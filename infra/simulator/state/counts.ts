/**
 * What was asked of the simulator, for tests that crash everything else: the
 * counts outlive deletion and restart. Scans are counted by description (our
 * callers mark scans there), or by name where there is none.
 */
import type { SimulatedStatus } from './scan.ts'

/** Scans counted apart; what comes later is counted under `(others)`. */
const SCANS_MAX = 100_000
const ROUTES_MAX = 300
const TOUCHED_MAX = 1000
const OTHERS = '(others)'

export const COUNTED = ['creates', 'launches', 'stops', 'pauses', 'resumes', 'deletes', 'exports', 'downloads'] as const
export type Counted = (typeof COUNTED)[number]

export interface ScanCounts extends Record<Counted, number> {
  key: string
  name: string
  description: string
  ids: number[]
}

export interface Counts {
  /** Every scan ever created; `status` is of the newest one under the key. */
  scans: (ScanCounts & { status: SimulatedStatus | 'deleted' })[]
  totals: Record<Counted, number> & {
    logins: number
    loginsRefused: number
    requests: number
    faults: number
    runningNow: number
    /** The most scans that ran at the same time. */
    runningMax: number
  }
  /** Writes by the API to what people made or launched, oldest first: `delete scan 7`. */
  othersTouched: string[]
  /** Runs under way that the API launched. */
  ownRunning: number
  /** Exports by the API of runs that people launched, as those of adopted scans are. */
  othersExported: number
  /** By method and path, ids replaced: `GET /scans/:id`. */
  requests: Record<string, number>
}

interface Look {
  readonly status: (id: number) => SimulatedStatus | undefined
  readonly runningNow: number
  readonly runningMax: number
  readonly ownRunning: number
}

export interface Tally {
  /** Counts one `what` of the scan. */
  scan(scan: { id: number; name: string; description: string }, what: Counted): void
  touchedOthers(what: string): void
  exportedOthers(): void
  login(accepted: boolean): void
  fault(): void
  request(method: string, path: string): void
  read(look: Look): Counts
}

export function makeTally(): Tally {
  const scans = new Map<string, ScanCounts>()
  const requests = new Map<string, number>()
  const othersTouched: string[] = []
  let othersExported = 0
  const totals = { ...noCounts(), logins: 0, loginsRefused: 0, requests: 0, faults: 0 }

  function entryOf(scan: { name: string; description: string }): ScanCounts {
    const wanted = scan.description || scan.name
    const key = scans.has(wanted) || scans.size < SCANS_MAX ? wanted : OTHERS
    const known = scans.get(key)
    if (known) return known
    const entry = { key, name: scan.name, description: scan.description, ids: [], ...noCounts() }
    scans.set(key, entry)
    return entry
  }

  return {
    scan(scan, what) {
      const entry = entryOf(scan)
      entry[what] += 1
      totals[what] += 1
      if (what === 'creates' && entry.key !== OTHERS) entry.ids.push(scan.id)
    },
    touchedOthers(what) {
      if (othersTouched.length < TOUCHED_MAX) othersTouched.push(what)
    },
    exportedOthers() {
      othersExported += 1
    },
    login(accepted) {
      if (accepted) totals.logins += 1
      else totals.loginsRefused += 1
    },
    fault() {
      totals.faults += 1
    },
    request(method, path) {
      totals.requests += 1
      const wanted = `${method} ${path.replaceAll(/\/(\d+|[0-9a-f-]{36,})(?=\/|$)/gi, '/:id')}`
      const route = requests.has(wanted) || requests.size < ROUTES_MAX ? wanted : OTHERS
      requests.set(route, (requests.get(route) ?? 0) + 1)
    },
    read: ({ status, runningNow, runningMax, ownRunning }) => ({
      scans: [...scans.values()].map((entry) => ({ ...entry, status: status(entry.ids.at(-1) ?? 0) ?? 'deleted' })),
      totals: { ...totals, runningNow, runningMax },
      othersTouched: [...othersTouched],
      ownRunning,
      othersExported,
      requests: Object.fromEntries(requests),
    }),
  }
}

function noCounts(): Record<Counted, number> {
  return { creates: 0, launches: 0, stops: 0, pauses: 0, resumes: 0, deletes: 0, exports: 0, downloads: 0 }
}
