/**
 * Compliance audits of a scan, by the names that callers use: files that the operator configured go up, and the scanner's
 * own are referred to as its form names them. An audit that neither has is refused, with what there is.
 */
import { CallerMistake, PermanentError } from '../../base/errors.ts'
import { didYouMean } from '../../base/near-names.ts'
import { describeValue } from '../../base/our-words.ts'
import type { ScannerEntry } from '../entry.ts'
import { type FormObject, memberOf, objectsOf, wordIn } from './form-parts.ts'

const NAMED_MAX = 30
const REMEDY =
  'Start the scan again without that audit, or with a template that has compliance checks, such as advanced.'

export interface AuditHelp {
  readonly files: NonNullable<ScannerEntry['auditFiles']>
  readonly read: (path: string) => Promise<string>
  readonly upload: (name: string, content: string) => Promise<string>
}

export interface ChosenAudits {
  readonly custom?: { readonly add: readonly { readonly file: string; readonly category: string }[] }
  readonly feed?: { readonly add: readonly { readonly id: string | number }[] }
}

interface Offered {
  readonly names: readonly string[]
  readonly id: string | number
}

/** Throws CallerMistake before anything is uploaded. */
export async function chosenAudits(wanted: readonly string[], form: unknown, help: AuditHelp): Promise<ChosenAudits> {
  const categories = objectsOf(memberOf(memberOf(form, 'compliance'), 'data'))
  const own = categories.flatMap(({ audits }) => objectsOf(audits).flatMap(offered))
  const picked = [...new Set(wanted)].map((name) => pick(name, { categories, own }, help.files))
  const add: { file: string; category: string }[] = []
  for (const { file, category } of picked.flatMap((one) => ('file' in one ? [one] : []))) {
    add.push({ file: await help.upload(`${file.name}.audit`, await contentOf(file, help)), category })
  }
  const feed = picked.flatMap((one) => ('id' in one ? [{ id: one.id }] : []))
  return { ...(add.length > 0 && { custom: { add } }), ...(feed.length > 0 && { feed: { add: feed } }) }
}

type File = AuditHelp['files'][number]

function pick(
  name: string,
  { categories, own }: { readonly categories: readonly FormObject[]; readonly own: readonly Offered[] },
  files: readonly File[],
): { readonly file: File; readonly category: string } | Offered {
  const same = (one: string | undefined, other: string) => one?.toLowerCase() === other.trim().toLowerCase()
  const file = files.find((one) => same(one.name, name))
  if (file) {
    const category = categories.map((each) => wordIn(each['name'])).find((each) => same(each, file.category))
    if (category !== undefined) return { file, category }
    const some = namesOf(categories.flatMap((each) => wordIn(each['name']) ?? []))
    throw new CallerMistake(
      `settings.audits: this template has no checks for ${file.category} at this scanner${some}`,
      REMEDY,
    )
  }
  const found = own.find(({ names, id }) => String(id) === name.trim() || names.some((each) => same(each, name)))
  if (found) return found
  const all = [...files.map((one) => one.name), ...own.flatMap(({ names }) => names.slice(0, 1))]
  const near = didYouMean(name, all)
  throw new CallerMistake(`settings.audits: there is no audit ${describeValue(name)}${near}${namesOf(all)}`, REMEDY)
}

/** Those that somebody uploaded for another scan are not offered: they belong to that scan. */
function offered(audit: FormObject): Offered[] {
  const { id, type } = audit
  const names = ['name', 'title', 'display_name', 'file'].flatMap((key) => wordIn(audit[key]) ?? [])
  if ((typeof id !== 'string' && typeof id !== 'number') || type === 'custom') return []
  return [{ id, names }]
}

async function contentOf(file: File, { read }: AuditHelp): Promise<string> {
  try {
    return await read(file.path)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
    throw new PermanentError(`audit_files: ${file.name} cannot be read on this machine (${code})`, { cause })
  }
}

function namesOf(names: readonly string[]): string {
  return names.length === 0 ? '; there is none here' : `; there is ${names.slice(0, NAMED_MAX).join(', ')}`
}
