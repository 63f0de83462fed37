/** Plugins and compliance audits of the editor's forms: which there are, and what of a post is taken. */
import { Refused } from './refusal.ts'
import { FAMILIES } from './settings-form.ts'

const PER_FAMILY = 10
const FAMILY_STEP = 1000

/** The plugins of the family with that number; their ids say their family. */
export function pluginsOfFamily(family: number): { readonly id: number; readonly name: string }[] {
  if (FAMILIES[family - 1] === undefined) throw new Refused(404, 'The requested file was not found')
  return Array.from({ length: PER_FAMILY }, (_, at) => ({ id: family * FAMILY_STEP + at, name: `Plugin ${at}` }))
}

export function pluginShape(id: number): object {
  const family = FAMILIES[Math.floor(id / FAMILY_STEP) - 1]
  if (family === undefined || id % FAMILY_STEP >= PER_FAMILY) throw new Refused(404, 'The requested file was not found')
  return { id, name: `Plugin ${id}`, family_name: family, attributes: [] }
}

interface Audit {
  readonly id: string
  readonly name: string
  readonly type: 'feed'
}
const AUDITS: Readonly<Record<string, readonly Audit[]>> = {
  Unix: [{ id: '101', name: 'CIS Debian Linux 12 Server L1', type: 'feed' }],
  Windows: [{ id: '201', name: 'CIS Windows Server 2022 L1', type: 'feed' }],
}

export interface PostedAudits {
  readonly custom?:
    | { readonly add?: readonly { readonly file: string; readonly category: string }[] | undefined }
    | undefined
  readonly feed?: { readonly add?: readonly { readonly id: string | number }[] | undefined } | undefined
}

/** `given` are those of a scan, by the name of their file or their id. */
export function complianceForm(byHand: boolean, given: readonly string[] = []): { readonly data: readonly object[] } {
  if (!byHand) return { data: [] }
  const data = Object.entries(AUDITS).map(([name, audits]) => ({ name, audits }))
  const audits = given.map((file) => ({ id: file, name: file, file, type: 'custom' }))
  return { data: audits.length === 0 ? data : [...data, { name: 'Given', audits }] }
}

/** What a scan is left with. Refuses files that were not uploaded, or that are no audit. */
export function readAudits(posted: PostedAudits, isAudit: (file: string) => boolean): string[] {
  const custom = posted.custom?.add ?? []
  const feed = posted.feed?.add ?? []
  const known = Object.values(AUDITS).flat()
  for (const { file, category } of custom) {
    if (!Object.hasOwn(AUDITS, category) || !isAudit(file)) throw new Refused(400, `Invalid audit file '${file}'`)
  }
  if (feed.some(({ id }) => !known.some((audit) => audit.id === String(id))))
    throw new Refused(400, "Invalid 'audits' field")
  return [...custom.map(({ file }) => file), ...feed.map(({ id }) => String(id))]
}
