/**
 * Answers "is this here?" for one report from what is in memory: no long text but
 * a long synopsis is opened, so a search over many reports costs little for each.
 */
import { Refusal } from '../../base/errors.ts'
import { canonicalAddress, isInRange, parseIpRange } from '../../base/ip-range.ts'
import type { HostMarks } from '../hosts/same-host.ts'
import { SHORT_CHARS_MAX, isLong, type HostRecord } from '../store/format.ts'
import { eachPairOf, idOf, isCompliance } from '../query/finding-view.ts'
import type { OpenReport } from '../query/results.ts'
import { lackingReasons } from '../judge/lacking-reason.ts'
import type { FindingBrief } from './answers.ts'
import { makeBriefs } from './finding-brief.ts'

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
  /** Part of the plugin's name, its family or its synopsis, in any case. */
  readonly text?: string
  readonly severityMin?: number
  readonly limit?: number
}

interface Match {
  /** Its host's place in `matchedHosts`, and what names it there. */
  readonly host: number
  readonly key: string
  readonly informational: boolean
  readonly brief: () => FindingBrief
}

export interface SearchResult {
  readonly total: number
  readonly hosts: number
  readonly findings: readonly FindingBrief[]
  /** Why nothing can be said of what is asked: the report does not carry it. */
  readonly cannotSay: readonly string[]
  /** What tells the matching hosts apart from those of other reports, and every match. */
  readonly matchedHosts: readonly HostMarks[]
  readonly each: (visit: (match: Match) => void) => void
}

/** The fields that `text` looks into. */
const TEXT_FIELDS: ReadonlySet<string> = new Set(['plugin_name', 'plugin_family', 'synopsis'])

/** What matches all of `criteria`, the worst first; without any, everything. */
export async function searchReport(report: OpenReport, criteria: SearchCriteria): Promise<SearchResult> {
  const { store } = report
  const limit = checkCriteria(criteria)
  const { columns } = store
  const hostMatches = criteria.host === undefined ? undefined : store.hosts.map(hostTest(criteria.host))
  const detailMatches = await recordTest(report, criteria)
  const briefs = makeBriefs(store)
  const rows: number[] = []
  for (let row = 0; row < store.count; row++) {
    if (criteria.pluginId !== undefined && columns.plugin[row] !== criteria.pluginId) continue
    if (criteria.port !== undefined && columns.port[row] !== criteria.port) continue
    if ((columns.severity[row] ?? 0) < (criteria.severityMin ?? 0)) continue
    if (hostMatches && !hostMatches[columns.host[row] ?? 0]) continue
    if (detailMatches && !detailMatches(columns.detail[row] ?? 0)) continue
    rows.push(row)
  }
  const places = new Map<number, number>()
  const matchedHosts: HostMarks[] = []
  for (const row of rows) {
    const host = store.hosts[columns.host[row] ?? 0]
    const first = host?.same ?? 0
    if (!host || places.has(first)) continue
    places.set(first, matchedHosts.length)
    matchedHosts.push({ name: host.name, marks: host.marks })
  }
  return {
    total: rows.length,
    hosts: matchedHosts.length,
    findings: rows.slice(0, limit).map(briefs),
    cannotSay: criteria.cve === undefined ? [] : lackingReasons(report, ['cve']),
    matchedHosts,
    each(visit) {
      for (const row of rows) {
        const place = places.get(store.hosts[columns.host[row] ?? 0]?.same ?? 0) ?? 0
        const id = idOf(store, row)
        const informational = (columns.severity[row] ?? 0) === 0 && !isCompliance(store, row)
        visit({ host: place, key: id.slice(id.indexOf('/')), informational, brief: () => briefs(row) })
      }
    },
  }
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

/** Any of a host's names and addresses, in any spelling; a network or a range of addresses. */
export function hostTest(wanted: string): (host: Pick<HostRecord, 'names' | 'marks'>) => boolean {
  const text = wanted.trim().toLowerCase()
  const name = canonicalAddress(text) ?? text
  const block = parseIpRange(text)
  return (host) =>
    host.names.includes(name) ||
    (block !== undefined && (host.marks.address ?? []).some((address) => isInRange(block, address)))
}

/** Whether a plugin's record matches the CVE and the text; asked once per record. Long texts are loaded first. */
async function recordTest(
  { store, texts }: OpenReport,
  criteria: SearchCriteria,
): Promise<((record: number) => boolean) | undefined> {
  const cve = criteria.cve?.trim().toUpperCase()
  const text = criteria.text?.toLowerCase()
  if (cve === undefined && text === undefined) return undefined
  const long = new Set<number>()
  for (const record of text === undefined ? [] : new Set(store.columns.detail)) {
    eachPairOf(store, record, (field, textId) => {
      if (isLong(textId) && TEXT_FIELDS.has(field.name)) long.add(textId)
    })
  }
  const textOf = await texts.load(long)
  const known = new Map<number, boolean>()
  const test = (record: number): boolean => {
    let hasCve = cve === undefined
    let hasText = text === undefined
    eachPairOf(store, record, (field, textId) => {
      if (!hasCve && field.name === 'cve') hasCve = textOf(textId).trim().toUpperCase() === cve
      if (!hasText && text !== undefined && TEXT_FIELDS.has(field.name)) {
        hasText = textOf(textId).toLowerCase().includes(text)
      }
    })
    return hasCve && hasText
  }
  return (record) => {
    let answer = known.get(record)
    if (answer === undefined) known.set(record, (answer = test(record)))
    return answer
  }
}
