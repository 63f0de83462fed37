/** Vulnerabilities counted by plugin: the worst severity first, then the widest spread. */
import { defined } from '../../base/defined.ts'
import { isCompliance } from '../query/finding-view.ts'
import { booleanOf, typed } from '../values.ts'
import type { Store } from '../store/store-reader.ts'
import { pluginName, shortValues } from './finding-brief.ts'

export interface PluginTally {
  readonly pluginId: number
  readonly name: string
  readonly severity: number
  readonly hosts: number
  readonly findings: number
  readonly exploitable: boolean
  readonly knownExploited: boolean
  readonly vpr?: number
  readonly epss?: number
}

interface Count {
  severity: number
  record: number
  findings: number
  readonly hosts: Set<number>
}

/** Informational findings and compliance checks are left out. */
export function tallyPlugins(store: Store): PluginTally[] {
  const { columns } = store
  const counts = new Map<number, Count>()
  for (let row = 0; row < store.count; row++) {
    const severity = columns.severity[row] ?? 0
    // Rows are in default order: the rest is informational.
    if (severity === 0) break
    if (isCompliance(store, row)) continue
    const plugin = columns.plugin[row] ?? 0
    let count = counts.get(plugin)
    if (!count)
      counts.set(plugin, (count = { severity, record: columns.detail[row] ?? 0, findings: 0, hosts: new Set() }))
    count.findings++
    count.hosts.add(columns.host[row] ?? 0)
  }
  return [...counts]
    .map(([pluginId, count]) => tallyOf(store, pluginId, count))
    .sort((a, b) => b.severity - a.severity || b.hosts - a.hosts || b.findings - a.findings || a.pluginId - b.pluginId)
}

function tallyOf(store: Store, pluginId: number, count: Count): PluginTally {
  const { record } = count
  const number = (field: string): number | undefined => {
    const value = typed('number', shortValues(store, record, field)[0] ?? '')
    return typeof value === 'number' ? value : undefined
  }
  const vpr = number('vpr_v2_score') ?? number('vpr_score') ?? number('vulnerability_priority_rating')
  const epss = number('epss_score')
  return {
    pluginId,
    name: pluginName(store, record),
    severity: count.severity,
    hosts: count.hosts.size,
    findings: count.findings,
    exploitable: booleanOf(shortValues(store, record, 'exploit_available')[0] ?? '') === true,
    knownExploited: isKnownExploited(store, record),
    ...defined({ vpr, epss }),
  }
}

/** Told by a date, or, in older reports, only by a reference. */
function isKnownExploited(store: Store, record: number): boolean {
  return (
    shortValues(store, record, 'cisa_known_exploited').length > 0 ||
    shortValues(store, record, 'xref').some((xref) => xref.startsWith('CISA-KNOWN-EXPLOITED'))
  )
}
