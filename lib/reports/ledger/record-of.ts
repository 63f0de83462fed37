/** Makes the ledger's record of a scan out of its open report. */
import { defined } from '../../base/defined.ts'
import { shortValues } from '../ask/finding-brief.ts'
import { SIMULATED } from '../judge/simulated.ts'
import { isCompliance, scoreOf, shortText } from '../query/finding-view.ts'
import type { OpenReport } from '../query/results.ts'
import type { Store } from '../store/store-reader.ts'
import { type LookRecord, makeNumbered, RECORD_FORMAT, type RecordedPlugin } from './look-record.ts'

const CVES_MAX = 50
const TARGETS_MAX = 10_000

export function recordOf(report: OpenReport, scan: { readonly task_id: string; readonly name: string }): LookRecord {
  const { store, facts } = report
  const texts = makeNumbered<string>((text) => text)
  const plugins = makePlugins(store, (text) => texts.of(text))
  const items = makeNumbered<LookRecord['items'][number]>((item) => item.join(' '))
  const itemsOf: number[][] = store.hosts.map(() => [])
  const alike = new Map<string, number>()
  const { columns } = store
  for (let row = 0; row < store.count; row++) {
    // Compliance checks have results, not lives.
    if (isCompliance(store, row)) continue
    const host = columns.host[row] ?? 0
    const plugin = plugins.of(row)
    const protocol = texts.of(shortText(store, columns.protocol[row] ?? 0))
    const key = `${host} ${plugin} ${columns.port[row]} ${protocol}`
    const number = (alike.get(key) ?? 0) + 1
    alike.set(key, number)
    const item = items.of([plugin, columns.port[row] ?? 0, protocol, number, columns.severity[row] ?? 0])
    itemsOf[host]?.push(item)
  }
  return {
    format: RECORD_FORMAT,
    task_id: scan.task_id,
    scan: scan.name,
    sha256: facts.file.sha256,
    at: facts.started_at,
    completed: facts.coverage.scan_status === 'completed',
    simulated: facts.validation_warnings[0] === SIMULATED,
    families: facts.policy.families,
    targets: facts.policy.targets.slice(0, TARGETS_MAX),
    hosts: store.hosts.map(({ name, marks, start, reach, access, portRange, policy }, at) => ({
      name,
      marks: marks as Record<string, string[]>,
      reach,
      access,
      ...defined({
        start,
        ports: portRange === undefined ? undefined : texts.of(portRange),
        policy: policy === undefined ? undefined : texts.of(policy),
      }),
      items: distances(itemsOf[at] ?? []),
    })),
    plugins: plugins.all,
    items: items.all,
    // Last: the others say which there are.
    texts: texts.all,
  }
}

const distances = (places: readonly number[]): number[] =>
  places.toSorted((a, b) => a - b).map((place, at, sorted) => place - (sorted[at - 1] ?? 0))

function makePlugins(store: Store, text: (value: string) => number) {
  const all: RecordedPlugin[] = []
  const known = new Map<number, number>()
  const read = (id: number, record: number): RecordedPlugin => {
    const first = (name: string): string | undefined => shortValues(store, record, name)[0]
    const number = (name: string): number | null => numberIn(first(name))
    const place = (value: string | undefined): number | null => (value === undefined ? null : text(value))
    return [
      id,
      text(first('plugin_name') ?? `plugin ${id}`),
      place(first('plugin_family')),
      place(first('plugin_type')?.toLowerCase()),
      scoreOf(store, record)?.score ?? null,
      number('vpr_score'),
      number('epss_score'),
      shortValues(store, record, 'cve').slice(0, CVES_MAX),
    ]
  }
  return {
    all,
    of(row: number): number {
      const id = store.columns.plugin[row] ?? 0
      let place = known.get(id)
      if (place === undefined) {
        place = all.push(read(id, store.columns.detail[row] ?? 0)) - 1
        known.set(id, place)
      }
      return place
    },
  }
}

function numberIn(text: string | undefined): number | null {
  const number = text === undefined || text === '' ? Number.NaN : Number(text)
  return Number.isFinite(number) ? number : null
}
