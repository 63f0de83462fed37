/** What the scan's page shows of a report: hosts with counts, and plugins. Bounded, whatever the report's size. */
import type { Readable } from 'node:stream'
import { readReport } from './read-report.ts'

const HOSTS_MAX = 1000
const PLUGINS_MAX = 5000
const PAIRS_MAX = 200_000

export interface HostSummary {
  readonly name: string
  /** Findings by severity, 0 (info) to 4 (critical). */
  readonly counts: readonly number[]
  /** How often each plugin reported, by plugin id. */
  readonly plugins: ReadonlyMap<number, number>
}

export interface PluginSummary {
  readonly id: number
  readonly name: string
  readonly family: string
  readonly severity: number
}

export interface SimulatedSummary {
  readonly hosts: readonly HostSummary[]
  readonly plugins: ReadonlyMap<number, PluginSummary>
}

export const EMPTY_SUMMARY: SimulatedSummary = { hosts: [], plugins: new Map() }

/** Summarises a report; a damaged one up to its damage. */
export async function summarise(source: Readable): Promise<SimulatedSummary> {
  const hosts: (HostSummary & { counts: number[]; plugins: Map<number, number> })[] = []
  const plugins = new Map<number, PluginSummary>()
  let pairs = 0
  let isFull = false
  await readReport(
    source,
    {
      host(name) {
        isFull = hosts.length >= HOSTS_MAX
        if (!isFull) hosts.push({ name, counts: [0, 0, 0, 0, 0], plugins: new Map() })
      },
      item({ pluginId, pluginName, pluginFamily, severity }) {
        const host = hosts.at(-1)
        if (!host || isFull) return
        host.counts[severity] = (host.counts[severity] ?? 0) + 1
        const seen = host.plugins.get(pluginId)
        if (seen === undefined && pairs++ >= PAIRS_MAX) return
        host.plugins.set(pluginId, (seen ?? 0) + 1)
        if (plugins.has(pluginId) || plugins.size >= PLUGINS_MAX) return
        plugins.set(pluginId, { id: pluginId, name: pluginName, family: pluginFamily, severity })
      },
    },
    false,
  )
  return { hosts, plugins }
}
