/**
 * Makes the findings stores of many scans of one large network, by the store's own writer and without reports: what is
 * measured over them is the asking. Every network of the fleet is scanned in turn, some hosts are away each time.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createWholeFile } from '../../../lib/reports/files/whole-file.ts'
import { judgeReport } from '../../../lib/reports/judge/judge-report.ts'
import type { ReportItem, ReportVisitor } from '../../../lib/reports/parse/report-visitor.ts'
import { inDefaultOrder } from '../../../lib/reports/store/default-order.ts'
import { makeStoreBuilder } from '../../../lib/reports/store/store-builder.ts'
import { writeSections } from '../../../lib/reports/store/store-writer.ts'
import { makeTextWriter } from '../../../lib/reports/store/text-writer.ts'
import { makeRandom, type Random } from '../../reports/support/random.ts'

export interface Fleet {
  readonly scans: number
  readonly hosts: number
  /** In one scan. */
  readonly findings: number
  /** Each network is scanned once in so many scans. */
  readonly networks: number
}

const AWAY = 0.1
const PLUGINS = 3000
const DAY_MS = 86_400_000

export const taskOf = (scan: number): string => `ns_bench_20250101_000000_${scan.toString(16).padStart(8, '0')}`

/** Returns how many findings there are. */
export async function makeScans(dataDir: string, fleet: Fleet): Promise<number> {
  let findings = 0
  for (let scan = 0; scan < fleet.scans; scan++) {
    const folder = join(dataDir, taskOf(scan))
    mkdirSync(folder, { recursive: true })
    findings += await makeStore(join(folder, 'findings.store'), scan, fleet)
  }
  return findings
}

async function makeStore(path: string, scan: number, fleet: Fleet): Promise<number> {
  const file = await createWholeFile(path)
  const texts = makeTextWriter(file)
  const builder = makeStoreBuilder(texts)
  await tell(builder, scan, fleet, () => texts.drained())
  const built = builder.done()
  const tables = await texts.finish()
  const columns = await inDefaultOrder(built.columns, built.hosts)
  const source = { size: 1, sha256: scan.toString(16).padStart(64, '0') }
  const { facts, hosts } = judgeReport(built, { size_bytes: 1, sha256: source.sha256 }, {}, [])
  await writeSections(file, { built, hosts, columns, texts: tables, facts, source })
  return columns.host.length
}

async function tell(visitor: ReportVisitor, scan: number, fleet: Fleet, drained: () => Promise<void>): Promise<void> {
  const random = makeRandom(scan + 1)
  const perNetwork = Math.ceil(fleet.hosts / fleet.networks)
  const first = (scan % fleet.networks) * perNetwork
  const here = Array.from({ length: perNetwork }, (_, at) => first + at).filter(() => !random.chance(AWAY))
  const started = new Date(Date.UTC(2025, 0, 1) + (scan * DAY_MS) / 2)
  visitor.report(`Network ${scan % fleet.networks}`)
  for (const [at, host] of here.entries()) {
    const address = `10.${(host >> 16) & 255}.${(host >> 8) & 255}.${host & 255}`
    visitor.host(address)
    const seconds = started.getTime() / 1000
    const properties = {
      'host-ip': address,
      'host-fqdn': `srv${host}.corp.example`,
      'mac-address': `02:00:00:${(host >> 16) & 255}:${(host >> 8) & 255}:${host & 255}`,
      'operating-system': `System ${host % 17}`,
      HOST_START_TIMESTAMP: String(seconds),
      HOST_END_TIMESTAMP: String(seconds + 600),
      Credentialed_Scan: 'true',
    }
    for (const [name, value] of Object.entries(properties)) visitor.property(name, value)
    const count =
      Math.floor(((at + 1) * fleet.findings) / here.length) - Math.floor((at * fleet.findings) / here.length)
    for (let finding = 0; finding < count; finding++) visitor.item(itemOf(random, host))
    if (at % 16 === 0) await drained()
  }
}

function itemOf(random: Random, host: number): ReportItem {
  const plugin = Math.floor(PLUGINS * (random.below(1000) / 1000) ** 2)
  const names = ['description', 'solution', 'cvss3_base_score', 'exploit_available', 'vuln_publication_date']
  const texts = [
    `What plugin ${plugin} looks for. ${'It may be used from afar. '.repeat(12)}`,
    `Upgrade to Product ${plugin % 400} version ${1 + (plugin % 7)}.0 or later.`,
    ((plugin % 100) / 10).toFixed(1),
    String(plugin % 5 === 0),
    '2024/05/06',
  ]
  if (plugin % 3 === 0) {
    names.push('cve')
    texts.push(`CVE-2024-${10_000 + plugin}`)
  }
  // A third of all outputs is of one host alone.
  names.push('plugin_output')
  texts.push(
    plugin % 3 === 0 ? `Found on host ${host}: version ${plugin}.${random.below(9)}` : `Version ${plugin} is old.`,
  )
  return {
    port: plugin % 4 === 0 ? 443 : plugin % 1000,
    protocol: 'tcp',
    serviceName: plugin % 4 === 0 ? 'www' : 'general',
    severity: plugin % 5,
    pluginId: 100_000 + plugin,
    pluginName: `Problem ${plugin}`,
    pluginFamily: `Family ${plugin % 30}`,
    names,
    texts,
  }
}
