/**
 * Answers "is this here?" for one report from what is in memory: no long text
 * is opened, so a search over many reports costs little for each.
 */
import { Refusal } from '../../base/errors.ts'
import { SHORT_CHARS_MAX, isLong, type HostRecord } from '../store/format.ts'
import type { Store } from '../store/store-reader.ts'
import { eachPairOf, shortText } from '../query/finding-view.ts'
import type { OpenReport } from '../query/results.ts'
import { addressesOf, within } from '../judge/addresses.ts'
import { type FindingBrief, makeBriefs } from './finding-brief.ts'

const LIMIT_DEFAULT = 50
const LIMIT_MAX = 500
/** In any case, spaces around it allowed: as it is pasted. Without flags, so that a schema can show it. */
export const CVE = /^\s*[Cc][Vv][Ee]-\d{4}-\d{4,10}\s*$/

export interface SearchCriteria {
  /** A whole CVE id. */
  readonly cve?: string
  readonly pluginId?: number
  /** A host's name or address, whole, or a CIDR. */
  readonly host?: string
  readonly port?: number
  /** Part of any text of up to 250 characters: plugin name, family, references, short synopses. */
  readonly text?: string
  readonly severityMin?: number
  readonly limit?: number
}

export interface SearchResult {
  readonly total: number
  readonly hosts: number
  readonly findings: readonly FindingBrief[]
}

/** What matches all of `criteria`, the worst first; without any, everything. */
export function searchReport(report: OpenReport, criteria: SearchCriteria): SearchResult {
  const { store } = report
  const limit = checkCriteria(criteria)
  const { columns } = store
  const hostMatches = criteria.host === undefined ? undefined : store.hosts.map(hostTest(criteria.host))
  const detailMatches = recordTest(store, criteria)
  const briefs = makeBriefs(store)
  const hosts = new Set<number>()
  const findings: FindingBrief[] = []
  let total = 0
  for (let row = 0; row < store.count; row++) {
    if (criteria.pluginId !== undefined && columns.plugin[row] !== criteria.pluginId) continue
    if (criteria.port !== undefined && columns.port[row] !== criteria.port) continue
    if ((columns.severity[row] ?? 0) < (criteria.severityMin ?? 0)) continue
    if (hostMatches && !hostMatches[columns.host[row] ?? 0]) continue
    if (detailMatches && !detailMatches(columns.detail[row] ?? 0)) continue
    total++
    hosts.add(columns.host[row] ?? 0)
    if (findings.length < limit) findings.push(briefs(row))
  }
  return { total, hosts: hosts.size, findings }
}

function checkCriteria(criteria: SearchCriteria): number {
  const { cve, text } = criteria
  if (cve !== undefined && !CVE.test(cve)) {
    throw new Refusal(
      'invalid_argument',
      `cve: expected the form CVE-2021-44228, got ${JSON.stringify(cve.slice(0, 60))}`,
    )
  }
  if (text !== undefined && (text === '' || text.length > SHORT_CHARS_MAX)) {
    throw new Refusal('invalid_argument', `text: expected 1 to ${SHORT_CHARS_MAX} characters, got ${text.length}`)
  }
  const limit = criteria.limit ?? LIMIT_DEFAULT
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX) return limit
  throw new Refusal('invalid_argument', `limit: expected 1 to ${LIMIT_MAX}, got ${limit}`)
}

function hostTest(wanted: string): (host: HostRecord) => boolean {
  const name = wanted.trim().toLowerCase()
  const block = name.includes('/') ? addressesOf(name) : undefined
  return (host) => {
    if ([host.name, host.ip, host.fqdn].some((known) => known?.toLowerCase() === name)) return true
    return block !== undefined && within(block, host.ip ?? host.name)
  }
}

/** Whether a plugin's record matches the CVE and the text; asked once per record. */
function recordTest(store: Store, criteria: SearchCriteria): ((record: number) => boolean) | undefined {
  const cve = criteria.cve?.trim().toUpperCase()
  const text = criteria.text?.toLowerCase()
  if (cve === undefined && text === undefined) return undefined
  const known = new Map<number, boolean>()
  const test = (record: number): boolean => {
    let hasCve = cve === undefined
    let hasText = text === undefined
    eachPairOf(store, record, (field, textId) => {
      if (isLong(textId)) return
      const value = shortText(store, textId)
      if (!hasCve && field.name === 'cve') hasCve = value.trim().toUpperCase() === cve
      if (!hasText && text !== undefined) hasText = value.toLowerCase().includes(text)
    })
    return hasCve && hasText
  }
  return (record) => {
    let answer = known.get(record)
    if (answer === undefined) known.set(record, (answer = test(record)))
    return answer
  }
}
