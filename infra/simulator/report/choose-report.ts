/** Which report a scan serves: told, named, by its credentials, or the next of the folder. */
import { expandTargets } from '../state/targets.ts'
import type { LoginOutcome } from '../state/scan.ts'
import type { Library, Report } from './library.ts'

const BY_OUTCOME: Record<Exclude<LoginOutcome, 'none'>, string> = {
  unusable: 'no-credentials',
  'wrong-password': 'wrong-password',
  authenticated: 'authenticated',
  'failed-escalation': 'failed-sudo',
  privileged: 'privileged',
  windows: 'windows',
}

interface Choice {
  readonly library: Library
  readonly scan: { readonly id: number; readonly name: string; readonly outcome: LoginOutcome }
  readonly targets: string
  readonly inTurn: boolean
  /** What a test asked for, by scan id or by a part of the scan's name. */
  readonly told: ReadonlyMap<number | string, string>
}

/**
 * In this order: what a test told; a report whose name is a target or is the
 * scan's name, where a folder's report need only be part of the scan's name (the
 * shipped ones bear common words, so they do not); what the credentials lead to;
 * the folder's reports in turn; the plain network scan.
 */
export function chooseReport({ library, scan, targets, told, inTurn }: Choice): Report {
  const name = scan.name.toLowerCase()
  // Callers mark their scans at the end of the name: `dead-host [task 7]` is still called dead-host.
  const bareName = name.endsWith(']') ? name.slice(0, Math.max(0, name.lastIndexOf('['))).trimEnd() : name
  const toldName = told.get(scan.id) ?? [...told].find(([part]) => typeof part === 'string' && name.includes(part))?.[1]
  const byName = library
    .all()
    .filter((report) => (report.isShipped ? bareName === report.name : name.includes(report.name)))
    .toSorted((left, right) => right.name.length - left.name.length)[0]
  const found =
    (toldName === undefined ? undefined : library.find(toldName)) ??
    expandTargets(targets)
      .map((target) => library.find(target))
      .find((report) => report !== undefined) ??
    byName ??
    (scan.outcome === 'none' ? undefined : library.find(BY_OUTCOME[scan.outcome])) ??
    (inTurn ? library.external()[scan.id % Math.max(1, library.external().length)] : undefined) ??
    library.find('network')
  if (!found) throw new Error('the shipped report "network" is missing')
  return found
}
