/** The lives of all findings as a table of the same form as the findings of a report: the same code asks, groups and counts them. */
import { makePace } from '../../base/pace.ts'
import { momentOf } from '../judge/report-dates.ts'
import { NOT_RETESTED_ORDER } from '../judge/looked-again.ts'
import type { ReportFacts } from '../judge/report-facts.ts'
import type { OpenReport } from '../query/results.ts'
import { INVENTORY_KINDS } from '../inventory/kinds.ts'
import { makeByteCache } from '../store/byte-cache.ts'
import { type Columns, type HostRecord, SHORT_CHARS_MAX } from '../store/format.ts'
import type { Inventory } from '../store/store-reader.ts'
import { makeTextReader } from '../store/text-reader.ts'
import { hostNames } from '../hosts/marks.ts'
import { LIFE_FIELDS } from './life-fields.ts'
import { LIFE_STATES, type LivesState, type PluginSaid } from './lives-state.ts'

const DAY_MS = 86_400_000
const ROWS_AT_ONCE = 4096
const FIELDS = [...LIFE_FIELDS.values()]

export async function livesTable(state: LivesState, now: Date, cacheKey: string): Promise<OpenReport> {
  const { tables, columns } = state
  const records = makeRecords()
  const pace = makePace()
  const watch = pace.watch()
  const plugins = new Map(tables.plugins.map(([id, said]) => [id, records.add(pluginPairs(said))]))
  const life = makeLifeRecords(state, now, (said) => records.add(said))
  const order = byHost(columns.identity, tables.hosts.length)
  const count = order.length
  const table = Object.fromEntries(
    ['host', 'port', 'protocol', 'service', 'severity', 'plugin', 'check', 'detail', 'instance', 'serial'].map(
      (name) => [name, new Uint32Array(count)],
    ),
  ) as Record<keyof Columns, Uint32Array>
  const empty = records.text('')
  for (let row = 0; row < count; row++) {
    const from = order[row]!
    const [plugin, port, protocol, alike] = tables.items[columns.item[from]!]!
    table.host[row] = columns.identity[from]!
    table.port[row] = port
    table.protocol[row] = records.text(protocol)
    table.service[row] = table.check[row] = empty
    table.severity[row] = columns.severity[from]!
    table.plugin[row] = plugin
    table.detail[row] = plugins.get(plugin) ?? 0
    table.instance[row] = life(from)
    table.serial[row] = alike
    if (row % ROWS_AT_ONCE === 0 && watch.over()) await watch.rest()
  }
  const store = {
    ...records.tables(),
    source: { size: 0, sha256: cacheKey },
    count,
    columns: table,
    fields: FIELDS,
    hosts: tables.hosts.map((_, at) => hostRecord(state, at)),
    longStarts: new Float64Array(0),
    blocks: new Float64Array(0),
    facts: null,
    inventory: NO_INVENTORY,
    bytes: count * 40 + tables.hosts.length * 400,
  }
  return {
    store,
    texts: makeTextReader(store, '', cacheKey, makeByteCache(0)),
    facts: factsAt(now),
    cacheKey,
    matches: makeByteCache(0),
    pace,
  }
}

/** What a plugin and a life say, as records of pairs of field and text, each distinct one once. */
function makeRecords() {
  const texts = new Map<string, number>()
  const shortTexts: string[] = []
  const starts: number[] = [0, 0]
  const pairs: number[] = []
  const text = (value: string): number => {
    const short = value.slice(0, SHORT_CHARS_MAX)
    let id = texts.get(short)
    if (id === undefined) texts.set(short, (id = (shortTexts.push(short) - 1) * 2))
    return id
  }
  return {
    text,
    /** Record 0 is empty. */
    add(said: Readonly<Record<string, string | number | readonly string[] | undefined>>): number {
      for (const [field, { name }] of FIELDS.entries()) {
        const value = said[name]
        if (value === undefined) continue
        const values = typeof value === 'object' ? value : [String(value)]
        for (const each of values) pairs.push(field, text(each))
      }
      return starts.push(pairs.length / 2) - 2
    },
    tables: () => ({ shortTexts, recordStarts: Uint32Array.from(starts), pairs: Uint32Array.from(pairs) }),
  }
}

const pluginPairs = ({ name, family, cvss, vpr, epss, cves }: PluginSaid) => ({
  plugin_name: name,
  plugin_family: family,
  cve: cves,
  cvss_base_score: cvss,
  vpr_score: vpr,
  epss_score: epss,
})

/** The record of what became of a life; of many lives that went alike, one. */
function makeLifeRecords(
  { tables, columns }: LivesState,
  now: Date,
  add: (said: Readonly<Record<string, string | number | readonly string[] | undefined>>) => number,
) {
  const spellsOf = new Map(tables.spells)
  const known = new Map<string, number>()
  // Days, as the answers give them: an age is counted from day to day.
  const today = now.toISOString().slice(0, 10)
  const dates = tables.scans.map(({ at }) => at?.slice(0, 10))
  const daysFrom = (from: string | undefined, to: string | undefined): number | undefined => {
    const [a, b] = [momentOf(from), momentOf(to)]
    return a === undefined || b === undefined ? undefined : Math.max(0, Math.round((b - a) / DAY_MS))
  }
  const say = (life: number) => {
    const dateOf = (name: 'first' | 'seen' | 'since' | 'looked' | 'changed') => dates[columns[name][life]!]
    const state = LIFE_STATES[columns.state[life]!]!
    const isFixed = state === 'fixed'
    const why = NOT_RETESTED_ORDER.filter((_, bit) => (columns.why[life]! & (1 << bit)) !== 0)
    const spells = [...(spellsOf.get(life) ?? []), columns.since[life]!, isFixed ? columns.changed[life]! : undefined]
    const changed = dateOf('changed')
    return {
      state,
      first_seen: dateOf('first'),
      last_seen: dateOf('seen'),
      open_since: isFixed ? undefined : dateOf('since'),
      last_looked_for: dateOf('looked'),
      fixed_at: isFixed ? changed : undefined,
      fixed_by: isFixed ? tables.scans[columns.changed[life]!]?.task_id : undefined,
      not_retested_since: state === 'not_retested' ? changed : undefined,
      why: state === 'not_retested' ? why : undefined,
      gone_since: state === 'host_gone' ? changed : undefined,
      returned: columns.returned[life],
      age_days: daysFrom(dateOf('first'), isFixed ? changed : today),
      days_to_fix: isFixed ? daysFrom(dateOf('since'), changed) : undefined,
      days_unlooked: isFixed ? undefined : daysFrom(dateOf('looked'), today),
      first_seen_week: weekOf(dateOf('first')),
      fixed_week: isFixed ? weekOf(changed) : undefined,
      open_in_week: weeksIn(spells, dates, today),
    }
  }
  return (life: number): number => {
    const { first, seen, since, looked, state, changed, why, returned } = columns
    const key = `${first[life]} ${seen[life]} ${since[life]} ${looked[life]} ${state[life]} ${changed[life]} ${why[life]} ${returned[life]! > 0 ? `of ${life}` : ''}`
    let record = known.get(key)
    if (record === undefined) known.set(key, (record = add(say(life))))
    return record
  }
}

/** The Monday of a date's week. */
function weekOf(date: string | undefined): string | undefined {
  const ms = momentOf(date)
  if (ms === undefined) return undefined
  const day = Math.floor(ms / DAY_MS)
  return new Date((day - ((day + 3) % 7)) * DAY_MS).toISOString().slice(0, 10)
}

const WEEKS_MAX = 520
/** The weeks at whose end it was not proved fixed. */
function weeksIn(
  spells: readonly (number | undefined)[],
  dates: readonly (string | undefined)[],
  today: string,
): string[] {
  const weeks = new Set<string>()
  for (let at = 0; at < spells.length; at += 2) {
    const from = weekOf(dates[spells[at] ?? -1])
    const end = spells[at + 1]
    const to = end === undefined ? undefined : weekOf(dates[end])
    const last = to ?? weekOf(today)
    if (from === undefined || last === undefined) continue
    for (let week = from; weeks.size < WEEKS_MAX && (week < last || (week === last && to === undefined));) {
      weeks.add(week)
      week = new Date(Date.parse(week) + 7 * DAY_MS).toISOString().slice(0, 10)
    }
  }
  return [...weeks]
}

/** The lives of one host follow one another. */
function byHost(identity: Uint32Array, hosts: number): Uint32Array {
  const starts = new Uint32Array(hosts + 1)
  for (const host of identity) starts[host + 1]!++
  for (let host = 0; host < hosts; host++) starts[host + 1]! += starts[host]!
  const order = new Uint32Array(identity.length)
  for (const [life, host] of identity.entries()) order[starts[host]!++] = life
  return order
}

function hostRecord({ tables }: LivesState, at: number): HostRecord {
  const { names, marks } = tables.hosts[at]!
  const said = tables.hostSaid[at]
  const name = names[0] ?? ''
  const [ip] = marks.address ?? []
  const [fqdn] = marks.fqdn ?? []
  const [netbios] = marks.netbios ?? []
  return {
    name,
    ...(ip !== undefined && { ip }),
    ...(fqdn !== undefined && { fqdn }),
    ...(netbios !== undefined && { netbios }),
    severities: [0, 0, 0, 0, 0],
    compliance: 0,
    marks,
    names: [...new Set([...hostNames(name, marks), ...names])],
    same: at,
    reach: said?.reach ?? 'unknown',
    login: 'unknown',
    loginReason: '',
    access: said?.access ?? 'unknown',
  }
}

const NONE = new Uint32Array(0)
const NO_INVENTORY: Inventory = {
  columns: Object.fromEntries(
    INVENTORY_KINDS.map((kind) => [kind, { host: NONE, plugin: NONE, port: NONE, protocol: NONE, detail: NONE }]),
  ) as Inventory['columns'],
  recordStarts: new Uint32Array(1),
  pairs: NONE,
  fields: [],
  unread: Object.fromEntries(INVENTORY_KINDS.map((kind) => [kind, []])) as unknown as Inventory['unread'],
}

/** No report stands behind it: what counts is the day that ages are counted to. */
function factsAt(now: Date): ReportFacts {
  return {
    file: { size_bytes: 0, sha256: '' },
    report_name: 'ledger',
    hosts_scanned: 0,
    total_findings: 0,
    total_vulnerabilities: 0,
    severity_breakdown: { critical: 0, high: 0, medium: 0, low: 0, info: 0 },
    compliance: { total: 0, results: {} },
    started_at: now.toISOString(),
    ended_at: null,
    duration_seconds: null,
    policy: { name: null, port_range: null, scan_type: null, targets: [], families: {} },
    hosts_known: [],
    authentication_status: 'unknown',
    authentication_hosts: [],
    authentication_counts: {},
    coverage: {
      targets_asked: null,
      hosts_seen: 0,
      hosts_without_findings: 0,
      hosts_unreachable: 0,
      hosts_unfinished: 0,
      unreachable: [],
      unfinished: [],
      targets_not_seen: [],
      targets_not_seen_count: 0,
      scan_status: 'completed',
    },
    validation_warnings: [],
    troubleshooting: null,
  }
}
