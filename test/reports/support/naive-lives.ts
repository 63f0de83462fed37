/** What became of each flaw, by the plainest means: one flaw at a time, scan after scan, by what is known of the made-up world. */
import type { Flaw, History, Run, Visit } from './ledger-histories.ts'
import { flawId } from './ledger-histories.ts'

export interface NaiveLife {
  readonly host: number
  readonly flaw: Flaw
  first: number
  seen: number
  since: number
  looked: number
  changed: number
  state: 'open' | 'fixed' | 'not_retested' | 'host_gone'
  returned: number
}

export function naiveLives({ flaws, runs }: History): NaiveLife[] {
  return flaws.flatMap((own, host) =>
    own.flatMap((flaw, place) => lifeOf({ host, flaw, place, runs, own: flaws }) ?? []),
  )
}

interface About {
  readonly host: number
  readonly flaw: Flaw
  readonly place: number
  readonly runs: readonly Run[]
  readonly own: History['flaws']
}

function lifeOf(about: About): NaiveLife | undefined {
  const { host, flaw, place, runs } = about
  let life: NaiveLife | undefined
  for (const [scan, run] of runs.entries()) {
    const visit = run.visits.get(host)
    if (visit === undefined) continue
    if (visit.shown.includes(place)) {
      const fresh = { host, flaw, first: scan, returned: 0, since: scan }
      const before: Partial<NaiveLife> = life ?? fresh
      life = {
        ...fresh,
        ...before,
        since: life?.state === 'open' ? life.since : scan,
        returned: (life?.returned ?? 0) + (life?.state === 'fixed' ? 1 : 0),
        seen: scan,
        looked: scan,
        changed: scan,
        state: 'open',
      }
      continue
    }
    if (life === undefined || life.state === 'fixed') continue
    const state =
      visit.reach === 'unreachable' ? 'host_gone' : couldHaveSeen(life, run, visit, about) ? 'fixed' : 'not_retested'
    if (state === 'fixed') life.looked = scan
    if (state !== life.state) life.changed = scan
    life.state = state
  }
  return life
}

function couldHaveSeen(life: NaiveLife, run: Run, visit: Visit, { host, runs, own, flaw }: About): boolean {
  if (!run.completed || visit.reach !== 'finished') return false
  const last = runs[life.seen]!
  const { login: hadLogin } = last.visits.get(host)!
  if (flaw.isLocal && hadLogin && !visit.login) return false
  const onPort =
    (flaw.port === 22 && run.policy !== 'Host Discovery') ||
    visit.shown.some((at) => own[host]![at]!.port === flaw.port)
  const inRange =
    flaw.port === 0 ||
    onPort ||
    run.isWide ||
    flaw.port <= 100 ||
    (run.isWide === last.isWide && (visit.login || !hadLogin))
  if (!inRange) return false
  const plugins = new Set([...run.visits].flatMap(([at, { shown }]) => shown.map((place) => flawId(own[at]![place]!))))
  const isWidePolicy = run.policy === 'Basic Network Scan'
  const familyRan = [...run.visits.values()].some(({ reach, shown }) => shown.length > 0 || reach === 'finished')
  return plugins.has(flawId(flaw)) || run.policy === last.policy || (isWidePolicy && familyRan)
}
