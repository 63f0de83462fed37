/**
 * Keeps of the Policy block what says how the scan looked: its name, targets,
 * port range, and which plugin families were on. Everything else in it, often
 * most of the file, is dropped as it comes.
 *
 *   policyName · Preferences/ServerPreferences/preference/{name,value} · FamilySelection/FamilyItem/{FamilyName,Status}
 */
import { defined } from '../../base/defined.ts'
import type { PolicyFacts } from './report-visitor.ts'

const TEXT_CHARS_MAX = 200_000
const TARGETS_MAX = 5000
const FAMILIES_MAX = 500

const KEPT = ['policyName', 'name', 'value', 'FamilyName', 'Status'] as const
type Kept = (typeof KEPT)[number]

export interface PolicyReader {
  open(element: string): void
  characters(chars: string): void
  close(): void
  done(): PolicyFacts
}

export function makePolicyReader(): PolicyReader {
  const last: Partial<Record<Kept, string>> = {}
  const preferences = new Map<string, string>()
  const families: Record<string, string> = Object.create(null) as Record<string, string>
  let count = 0
  let inside: Kept | undefined
  let text = ''

  const wanted = (): boolean =>
    inside !== undefined && (inside !== 'value' || last.name === 'TARGET' || last.name === 'port_range')
  return {
    open(element) {
      inside = KEPT.find((name) => name === element)
      text = ''
    },
    characters(chars) {
      if (wanted() && text.length + chars.length <= TEXT_CHARS_MAX) text += chars
    },
    close() {
      if (inside === undefined) return
      const said = text.trim()
      if (inside === 'value') {
        if (last.name !== undefined && said !== '' && wanted()) preferences.set(last.name, said)
      } else last[inside] = said
      if (inside === 'Status') {
        // Single plugins have a status too; theirs follows no family name.
        const family = last.FamilyName
        delete last.FamilyName
        if (family !== undefined && count++ < FAMILIES_MAX) families[family] = said.toLowerCase()
      }
      inside = undefined
    },
    done() {
      const name = last.policyName?.slice(0, 200)
      const portRange = preferences.get('port_range')?.slice(0, 1000)
      const targets = (preferences.get('TARGET') ?? '').split(/[\s,;]+/).filter(Boolean)
      return {
        ...(name === undefined || name === '' ? {} : { name }),
        ...defined({ portRange }),
        targets: targets.slice(0, TARGETS_MAX),
        families: { ...families },
      }
    },
  }
}
