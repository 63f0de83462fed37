/** How a scan looks in the answers of the scanner: three shapes for one thing, each with its own names. */
import type { HostSummary, PluginSummary } from '../report/summary.ts'
import type { FoundHost, RunView } from '../state/run-view.ts'
import type { Run, SimulatedScan } from '../state/scan.ts'
import { newestRun, statusOf } from '../state/scan.ts'
import type { World } from '../state/world.ts'

const OWNER_ID = 2

export function seconds(atMs: number): number {
  return Math.floor(atMs / 1000)
}

/** The API's arrays are null when there is nothing in them. */
export function orNull<T>(items: readonly T[]): readonly T[] | null {
  return items.length === 0 ? null : items
}

/** Answer of `POST` and `PUT /scans`: the folder is `tag_id`, flags are numbers, there is no status. */
export function createdShape(world: World, scan: SimulatedScan): object {
  return {
    id: scan.id,
    uuid: scan.uuid,
    name: scan.name,
    description: scan.description,
    owner: world.settings.username,
    owner_id: OWNER_ID,
    policy_id: scan.policyId ?? scan.id - 1,
    scanner_id: scan.scannerId ?? 1,
    type: 'public',
    shared: 0,
    user_permissions: world.settings.permissions,
    default_permissions: 0,
    enabled: 1,
    creation_date: seconds(scan.createdAtMs),
    last_modification_date: seconds(scan.changedAtMs),
    custom_targets: scan.targets,
    tag_id: scan.folderId,
    emails: null,
    starttime: null,
    timezone: null,
    rrules: null,
    container_id: 0,
    use_dashboard: 0,
    live_results: 0,
    scan_time_window: 0,
    migrated: 0,
    attach_report: 0,
    notification_filters: null,
  }
}

/** An item of `GET /scans`. */
export function listedShape(world: World, scan: SimulatedScan): object {
  const run = newestRun(scan)
  return {
    folder_id: scan.folderId,
    type: null,
    read: true,
    last_modification_date: run ? seconds(Math.max(scan.changedAtMs, run.changedAtMs)) : 0,
    creation_date: run ? seconds(run.createdAtMs) : 0,
    status: statusOf(scan),
    uuid: run?.uuid ?? null,
    shared: false,
    user_permissions: world.settings.permissions,
    owner: world.settings.username,
    timezone: null,
    rrules: null,
    starttime: null,
    enabled: false,
    control: true,
    name: scan.name,
    id: scan.id,
  }
}

/** `info` of `GET /scans/{id}`. */
export function infoShape(world: World, scan: SimulatedScan, run: Run | undefined, hosts: number): object {
  return {
    status: run?.status ?? 'empty',
    name: scan.name,
    uuid: run?.uuid ?? (world.settings.quirks.tellsStandIn ? scan.uuid : null),
    object_id: scan.id,
    policy: 'Basic Network Scan',
    targets: run?.targets ?? scan.targets,
    scanner_name: world.machine.scanners.find(({ id }) => id === (scan.scannerId ?? 1))?.name ?? null,
    hostcount: hosts,
    folder_id: scan.folderId,
    scan_start: run?.startedAtMs === undefined ? null : seconds(run.startedAtMs),
    scan_end: run?.endedAtMs === undefined ? null : seconds(run.endedAtMs),
    timestamp: seconds(run?.changedAtMs ?? scan.changedAtMs),
    edit_allowed: true,
    control: true,
    user_permissions: world.settings.permissions,
    haskb: run !== undefined,
    hasaudittrail: run !== undefined,
    'pci-can-upload': false,
    acls: null,
  }
}

export function historyShape(run: Run): object {
  return {
    history_id: run.historyId,
    uuid: run.uuid,
    owner_id: OWNER_ID,
    status: run.status,
    creation_date: seconds(run.createdAtMs),
    last_modification_date: seconds(run.changedAtMs),
  }
}

export function hostShape(host: FoundHost): object {
  const [info = 0, low = 0, medium = 0, high = 0, critical = 0] = countsSoFar(host)
  const { current, total } = host
  return {
    host_id: host.id,
    host_index: host.index,
    hostname: host.name,
    progress: `${current}-${current}/${total}-${total}`,
    critical,
    high,
    medium,
    low,
    info,
    severity: info + low + medium + high + critical,
    score: critical * 10_000 + high * 1000 + medium * 100 + low * 10 + info,
    totalchecksconsidered: total,
    numchecksconsidered: current,
    scanprogresstotal: total,
    scanprogresscurrent: current,
  }
}

/** Plugins of the hosts found, with how often each reported. */
export function vulnerabilityShapes(view: RunView): object[] {
  const counts = new Map<number, number>()
  for (const host of view.hosts) addCounts(counts, host.summary)
  return shapesOf(counts, view.plugins)
}

export function hostVulnerabilityShapes(host: FoundHost, plugins: RunView['plugins']): object[] {
  return shapesOf(host.summary.plugins, plugins)
}

function addCounts(counts: Map<number, number>, summary: HostSummary): void {
  for (const [plugin, count] of summary.plugins) counts.set(plugin, (counts.get(plugin) ?? 0) + count)
}

function shapesOf(counts: ReadonlyMap<number, number>, plugins: ReadonlyMap<number, PluginSummary>): object[] {
  return [...counts].map(([id, count], index) => {
    const plugin = plugins.get(id)
    return {
      plugin_id: id,
      plugin_name: plugin?.name ?? '',
      plugin_family: plugin?.family ?? '',
      count,
      vuln_index: index + 1,
      severity: plugin?.severity ?? 0,
      severity_index: plugin?.severity ?? 0,
    }
  })
}

/** Findings come in as the host's checks go on. */
function countsSoFar({ summary, current, total }: FoundHost): number[] {
  return summary.counts.map((count) => Math.floor((count * current) / total))
}
