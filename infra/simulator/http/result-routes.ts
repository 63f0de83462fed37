/** Reading a scan's state and findings without an export. */
import type { ReportPart } from '../report/read-report.ts'
import { readReport } from '../report/read-report.ts'
import { Refused } from '../state/refusal.ts'
import type { FoundHost, RunView } from '../state/run-view.ts'
import { viewRun } from '../state/run-view.ts'
import type { Run, SimulatedScan } from '../state/scan.ts'
import { newestRun } from '../state/scan.ts'
import { expandTargets } from '../state/targets.ts'
import type { World } from '../state/world.ts'
import { pathId, queryId } from './body.ts'
import type { App, CallContext } from './env.ts'
import type { Gates } from './gates.ts'
import {
  historyShape,
  hostShape,
  hostVulnerabilityShapes,
  infoShape,
  orNull,
  seconds,
  vulnerabilityShapes,
} from './shapes.ts'

const OUTPUTS_MAX = 100

export function addResultRoutes(app: App, world: World, gates: Gates): void {
  app.get('/scans/:id', gates.user, async (call) => call.json(await details(call, world)))
  app.get('/scans/:id/hosts/:hid', gates.user, async (call) => {
    const { view, host, run } = await findHost(call, world)
    return call.json({
      info: {
        'host-ip': host.name,
        host_start: seconds(run.startedAtMs ?? run.createdAtMs),
        host_end: run.endedAtMs === undefined ? null : seconds(run.endedAtMs),
      },
      vulnerabilities: orNull(hostVulnerabilityShapes(host, view.plugins)),
      compliance: null,
    })
  })
  app.get('/scans/:id/hosts/:hid/plugins/:pid', gates.user, async (call) => {
    const { view, host } = await findHost(call, world)
    const items = await itemsOf(view, host.name, pathId(call, 'pid'))
    const [first] = items
    if (!first) throw new Refused(404, 'The requested file was not found')
    return call.json({
      outputs: items.map((item) => outputShape(item)),
      info: { plugindescription: pluginShape(first) },
    })
  })
}

/** The run that `history_id` names, or the newest. */
export function runOf(scan: SimulatedScan, historyId: number | undefined): Run | undefined {
  if (historyId === undefined) return newestRun(scan)
  const run = scan.runs.find((one) => one.historyId === historyId)
  if (!run) throw new Refused(404, 'The requested file was not found')
  return run
}

async function details(call: CallContext, world: World): Promise<object> {
  const scan = world.scans.get(pathId(call, 'id'))
  const run = runOf(scan, queryId(call, 'history_id'))
  const view = run && (await viewRun(world, scan, run))
  const hosts = view?.hosts ?? []
  return {
    info: infoShape(world, scan, run, hosts.length),
    hosts: orNull(hosts.map(hostShape)),
    comphosts: null,
    vulnerabilities: view ? orNull(vulnerabilityShapes(view)) : null,
    compliance: null,
    remediations: { num_hosts: 0, num_cves: 0, num_impacted_hosts: 0, num_remediated_cves: 0, remediations: null },
    history: world.settings.quirks.tellsHistory ? orNull(scan.runs.map(historyShape)) : null,
    notes: run ? orNull(notesOf(world, run)) : null,
    filters: null,
  }
}

/** No capture shows the words; title and message are what a note has. */
function notesOf({ licence }: World, run: Run): object[] {
  const hosts = expandTargets(run.targets).length
  if (hosts <= licence.licensedHosts) return []
  const message = `The licence covers ${licence.licensedHosts} hosts: ${hosts - licence.licensedHosts} of ${hosts} were not scanned.`
  return [{ title: 'License Limitation', message, severity: 3 }]
}

async function findHost(call: CallContext, world: World): Promise<{ view: RunView; host: FoundHost; run: Run }> {
  const scan = world.scans.get(pathId(call, 'id'))
  const run = runOf(scan, queryId(call, 'history_id'))
  const view = run && (await viewRun(world, scan, run))
  const id = pathId(call, 'hid')
  const host = view?.hosts.find((one) => one.id === id)
  if (!view || !host) throw new Refused(404, 'The requested file was not found')
  return { view, host, run }
}

async function itemsOf(view: RunView, host: string, plugin: number): Promise<ReportPart[]> {
  const items: ReportPart[] = []
  const item = (one: ReportPart): void => {
    if (one.host === host && one.pluginId === plugin && items.length < OUTPUTS_MAX) items.push(one)
  }
  await readReport(view.open(), { host() {}, item }, true)
  return items
}

function outputShape(item: ReportPart): object {
  const port = `${item.port} / ${item.protocol} / ${item.service}`
  return {
    plugin_output: item.texts['plugin_output'] ?? null,
    severity: item.severity,
    ports: { [port]: [{ hostname: item.host }] },
    hosts: null,
    custom_description: null,
    has_attachment: 0,
  }
}

function pluginShape(item: ReportPart): object {
  const { synopsis, description, solution, risk_factor: risk } = item.texts
  return {
    pluginid: String(item.pluginId),
    pluginname: item.pluginName,
    pluginfamily: item.pluginFamily,
    severity: item.severity,
    pluginattributes: { synopsis, description, solution, risk_information: { risk_factor: risk } },
  }
}
