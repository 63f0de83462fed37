/** Which scans on a scanner are meant: by folder, name, status and date. The arguments, and the choice, for every tool that looks at them. */
import * as v from 'valibot'
import { Refusal } from '../../base/errors.ts'
import { SCANNER_STATUSES } from '../../facts/scanner-statuses.ts'
import { namePattern } from '../../base/name-pattern.ts'
import { meantPerhaps } from '../../base/near-names.ts'
import type { ScannerListing, ScannerScan } from '../../scanners/scanner.ts'

const DAY_MS = 86_400_000
const NAMES_SHOWN = 10

const text = (length: number, says: string) =>
  v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(length), v.description(says)))

const Moment = v.pipe(
  v.string(),
  v.maxLength(40),
  v.check(
    (given) => v.is(v.union([v.pipe(v.string(), v.isoDate()), v.pipe(v.string(), v.isoTimestamp())]), given),
    'expected a day such as 2026-11-30, or a time such as 2026-11-30T08:00:00Z',
  ),
  v.check((given) => !Number.isNaN(Date.parse(given)), 'expected a day that exists'),
)

export const folderArgument = text(200, 'A folder there. Its name, or its id.')
export const nameArgument = text(200, 'Part of the name, or with * all of it: weekly*.')
export const dateArgument = (says: string) => v.optional(v.pipe(Moment, v.description(says)))

export const selectionArguments = {
  folder: folderArgument,
  status: v.optional(v.pipe(v.picklist(SCANNER_STATUSES), v.description('Only these. In the word of the scanner.'))),
  name_filter: nameArgument,
  modified_since: dateArgument('Last changed then or later: a day, or a time.'),
  modified_until: dateArgument('Last changed then or before; a day counts whole.'),
}

export interface Selection {
  readonly folder?: string | undefined
  readonly status?: (typeof SCANNER_STATUSES)[number] | undefined
  readonly name_filter?: string | undefined
  readonly modified_since?: string | undefined
  readonly modified_until?: string | undefined
}

/** The scans of the list that are meant. Refuses a folder that is not there: it would look like no scans. */
export function selected({ scans, folders }: ScannerListing, wanted: Selection): ScannerScan[] {
  const folder = wanted.folder === undefined ? undefined : folderNamed(wanted.folder, folders)
  const isNamed = namePattern(wanted.name_filter ?? '')
  const since = wanted.modified_since === undefined ? undefined : Date.parse(wanted.modified_since)
  const until = wanted.modified_until === undefined ? undefined : pastUntil(wanted.modified_until)
  return scans.filter((scan) => {
    if (folder !== undefined && !folder.has(scan.folderId ?? -1)) return false
    if (wanted.status !== undefined && scan.status.toLowerCase() !== wanted.status) return false
    if (!isNamed(scan.name)) return false
    if (since === undefined && until === undefined) return true
    const changed = (scan.lastModifiedAt ?? 0) * 1000
    return changed > 0 && changed >= (since ?? 0) && changed < (until ?? Infinity)
  })
}

/** The moment that `until` no longer covers: of a day, its end. */
export function pastUntil(until: string): number {
  return Date.parse(until) + (v.is(v.pipe(v.string(), v.isoDate()), until) ? DAY_MS : 1)
}

/** The ids of the folders of that name, which may be several, or the one that has it as its id. */
export function folderNamed(wanted: string, folders: ScannerListing['folders']): ReadonlySet<number> {
  const named = folders.filter(({ name }) => name.toLowerCase() === wanted.toLowerCase())
  const found = named.length > 0 ? named : folders.filter(({ id }) => String(id) === wanted)
  if (found.length > 0) return new Set(found.map(({ id }) => id))
  const names = folders.map(({ name }) => name)
  const shown = names.slice(0, NAMES_SHOWN).join(', ') || 'none that it names'
  throw refusal(
    'folder',
    `folder: the scanner has no folder "${wanted}"${meantPerhaps(wanted, names)}. Its folders: ${shown}.`,
  )
}

function refusal(argument: string, message: string): Refusal {
  return new Refusal('invalid_argument', message, { arguments: [argument] })
}
