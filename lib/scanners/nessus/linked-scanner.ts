/**
 * The scanner of a Nessus Manager that the scans of an entry run on: its own, or the one that `linked_scanner` names.
 *
 * Which it is, and whether it is there, is asked before a scan is made and before it is launched: a scan for a linked scanner that is
 * away would stand `pending` at the manager until its time is over. A name that fits none is for the operator to mend, so scans wait for that too.
 */
import * as v from 'valibot'
import { didYouMean } from '../../base/near-names.ts'
import { describeValue } from '../../base/our-words.ts'
import { ScannerAwayError } from '../away-error.ts'
import type { ScannerEntry } from '../entry.ts'
import type { Calls } from './call.ts'
import { maybe } from './lenient.ts'

/** The scanner that the web interface itself runs on. */
const LOCAL_SCANNER = 1
const NAMED_MAX = 30

const ScannersAnswer = v.object({
  scanners: v.nullish(v.array(v.object({ id: v.number(), name: maybe(v.string()), status: maybe(v.string()) })), []),
})
type Linked = NonNullable<v.InferOutput<typeof ScannersAnswer>['scanners']>[number]

/** Its id there. Throws ScannerAwayError while it is away, or none or several fit the name. */
export type FindLinked = () => Promise<number>

export function makeFindLinked({ calls, entry }: { calls: Pick<Calls, 'read'>; entry: ScannerEntry }): FindLinked {
  const { linkedScanner: wanted, key } = entry
  if (wanted === undefined) return async () => LOCAL_SCANNER
  const what = 'list the scanners linked to it (linked_scanner; that takes an account with the role Administrator)'
  const away = (why: string) => new ScannerAwayError(`scanner ${key}: ${why}`, { scanner: key })
  return async () => {
    const call = { method: 'GET', path: '/scanners', route: '/scanners', asked: 'list', what } as const
    const all = (await calls.read(ScannersAnswer, call)).scanners ?? []
    const [found, ...others] = fitting(all, wanted)
    const names = all.flatMap(({ name }) => name ?? [])
    if (!found) {
      const some = names.slice(0, NAMED_MAX).map(describeValue).join(', ')
      throw away(
        `it has no linked scanner ${describeValue(wanted)}${didYouMean(wanted, names)}; it has ${some || 'none'}; correct linked_scanner in its entry`,
      )
    }
    if (others.length > 0) {
      const ids = [found, ...others].map(({ id }) => id).join(', ')
      throw away(
        `several of its linked scanners are called ${describeValue(wanted)}; give the id of one (${ids}) as linked_scanner`,
      )
    }
    if (found.status?.trim().toLowerCase() === 'off') {
      throw away(
        `its linked scanner ${describeValue(found.name ?? wanted)} is away (off); scans wait until the manager sees it again`,
      )
    }
    return found.id
  }
}

/** By name, in any letters where none fits as written; else by id. */
function fitting(all: readonly Linked[], wanted: string): readonly Linked[] {
  const exact = all.filter(({ name }) => name === wanted)
  if (exact.length > 0) return exact
  const alike = all.filter(({ name }) => name?.trim().toLowerCase() === wanted.trim().toLowerCase())
  return alike.length > 0 ? alike : all.filter(({ id }) => String(id) === wanted.trim())
}
