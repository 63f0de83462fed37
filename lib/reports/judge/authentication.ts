/** The verdict on a whole report: every host's own, taken together. */
import type { HostEvidence } from './evidence.ts'
import { judgeHost, type Judged } from './host-verdict.ts'
import type { Reach } from './reach.ts'
import type { Authentication, Expectation, HostVerdict } from './report-facts.ts'

const HOSTS_LISTED_MAX = 500
/** Worst first, so that what needs attention survives the cut. */
const ORDER: readonly Authentication[] = ['failed', 'partial', 'unknown', 'success', 'not_applicable']

/** What got furthest first. */
const REACHED: readonly Authentication[] = ['success', 'partial', 'failed', 'unknown', 'not_applicable']

export interface AuthenticationVerdict {
  readonly status: Authentication
  readonly hosts: HostVerdict[]
  readonly counts: Record<string, number>
  /** Side by side with the hosts that were judged. */
  readonly judged: readonly Judged[]
}

export function judgeAuthentication(
  hosts: readonly HostEvidence[],
  reaches: readonly Reach[],
  /** For each, the first one that is the same host. */
  same: readonly number[],
  expectation: Expectation,
): AuthenticationVerdict {
  const counts: Record<string, number> = {}
  const all = hosts.map((host, index) => judgeHost(host, expectation, reaches[index]))
  // Of a host that is written twice, the look that got furthest has the say.
  const best = new Map<number, Judged>()
  for (const [index, each] of all.entries()) {
    const first = same[index] ?? index
    const known = best.get(first)
    const further = known && REACHED.indexOf(each.verdict.status) < REACHED.indexOf(known.verdict.status)
    if (!known || further) best.set(first, each)
  }
  const judged = [...best.values()]
  for (const { verdict } of judged) counts[verdict.status] = (counts[verdict.status] ?? 0) + 1
  // Hosts that were never there have no say.
  const alive = judged.filter(({ verdict }) => verdict.reach !== 'unreachable').map(({ verdict }) => verdict.status)
  const verdicts = judged.map(({ verdict }) => verdict)
  verdicts.sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status))
  return { status: together(alive, expectation), hosts: verdicts.slice(0, HOSTS_LISTED_MAX), counts, judged: all }
}

function together(statuses: readonly Authentication[], expectation: Expectation): Authentication {
  if (expectation.credentialsAsked === 'none') return 'not_applicable'
  const seen = new Set(statuses)
  if (seen.size === 0) return 'unknown'
  if (seen.size === 1) return statuses[0] ?? 'unknown'
  if (seen.has('success') || seen.has('partial')) return 'partial'
  // What is left is failed, unknown and not applicable: one failure outweighs silence.
  return seen.has('failed') ? 'failed' : 'unknown'
}
