/**
 * Builds a findings store from what the parser meets: columns of numbers grow
 * in memory (40 bytes per finding), texts go to the file as they come.
 */
import { PermanentError } from '../../base/errors.ts'
import { INSTANCE_FIELDS } from '../fields.ts'
import { type BuiltInventory, makeInventoryCollector } from '../inventory/collect.ts'
import { type HostEvidence, makeEvidenceCollector } from '../judge/evidence.ts'
import { LOGIN_PLUGINS } from '../judge/login-plugins.ts'
import { type ComplianceCheck, complianceOf } from '../parse/compliance.ts'
import type { PolicyFacts, ReportItem, ReportVisitor } from '../parse/report-visitor.ts'
import { COLUMNS, type ColumnName, SHORT_CHARS_MAX } from './format.ts'
import { GrowingColumn } from './growing-column.ts'
import { type HostReader, makeHostReader, type ReadHost } from './host-reader.ts'
import { makeRecordWriter } from './record-writer.ts'
import { detached, type TextWriter } from './text-writer.ts'

const FINDINGS_MAX = 5_000_000
const HOSTS_MAX = 1_000_000
const RESULTS_MAX = 50
const NO_POLICY: PolicyFacts = { targets: [], families: {} }

export interface Built {
  readonly reportName: string
  readonly policy: PolicyFacts
  readonly columns: Readonly<Record<ColumnName, GrowingColumn>>
  readonly hosts: readonly ReadHost[]
  readonly evidence: readonly HostEvidence[]
  readonly complianceResults: ReadonlyMap<string, number>
  readonly records: ReturnType<ReturnType<typeof makeRecordWriter>['tables']>
  readonly inventory: BuiltInventory
}

export interface StoreBuilder extends ReportVisitor {
  done(): Built
}

export function makeStoreBuilder(texts: Pick<TextWriter, 'intern'>): StoreBuilder {
  const columns = emptyColumns()
  const records = makeRecordWriter(texts)
  const seen = makeEvidenceCollector()
  const inventory = makeInventoryCollector(texts)
  const hosts: ReadHost[] = []
  const evidence: HostEvidence[] = []
  const complianceResults = new Map<string, number>()
  let reportName = ''
  let policy: PolicyFacts = NO_POLICY
  let host: HostReader | undefined

  const finishHost = (): void => {
    if (!host) return
    const record = host.done()
    inventory.hostEnds(hosts.length)
    hosts.push(record)
    evidence.push(seen.take(record.name, host.login()))
    host = undefined
  }
  const countResult = (check: ComplianceCheck): void => {
    const result = complianceResults.size < RESULTS_MAX || complianceResults.has(check.result) ? check.result : 'OTHER'
    complianceResults.set(result, (complianceResults.get(result) ?? 0) + 1)
  }
  return {
    report(name) {
      reportName ||= detached(name.slice(0, 1000))
    },
    policy(facts) {
      policy = facts
    },
    host(name) {
      finishHost()
      if (hosts.length >= HOSTS_MAX) throw new PermanentError(`more than ${HOSTS_MAX} hosts; split the scan`)
      host = makeHostReader(name)
    },
    property(name, value) {
      host?.property(name, value)
      if (host) inventory.property(name, value)
    },
    item(item) {
      if (!host) return
      if (columns.host.length >= FINDINGS_MAX) throw new PermanentError(`more than ${FINDINGS_MAX} findings`)
      const check = complianceOf(item)
      const [detail, instance] = split(item, check)
      const protocol = texts.intern(item.protocol.toLowerCase().slice(0, SHORT_CHARS_MAX))
      const checkId = texts.intern(check?.key ?? '')
      columns.host.push(hosts.length)
      columns.port.push(item.port)
      columns.protocol.push(protocol)
      columns.service.push(texts.intern(item.serviceName.slice(0, SHORT_CHARS_MAX)))
      columns.severity.push(item.severity)
      columns.plugin.push(item.pluginId)
      columns.check.push(checkId)
      columns.detail.push(
        check ? records.record(detail.names, detail.texts) : records.detail(item.pluginId, detail.names, detail.texts),
      )
      columns.instance.push(records.record(instance.names, instance.texts))
      host.count(item.severity, check !== undefined)
      if (check) countResult(check)
      inventory.item(item, hosts.length, protocol, host.start())
      if (LOGIN_PLUGINS.has(item.pluginId)) seen.add(evidenceOf(item))
    },
    done() {
      finishHost()
      const tables = { records: records.tables(), inventory: inventory.done() }
      return { reportName, policy, columns, hosts, evidence, complianceResults, ...tables }
    },
  }
}

const emptyColumns = () =>
  Object.fromEntries(COLUMNS.map((name) => [name, new GrowingColumn()])) as Record<ColumnName, GrowingColumn>

interface Pairs {
  readonly names: string[]
  readonly texts: string[]
}

/** What the plugin says of every host, and what it says of this one. */
function split(item: ReportItem, check: ComplianceCheck | undefined): [detail: Pairs, instance: Pairs] {
  const detail: Pairs = { names: ['plugin_name', 'plugin_family'], texts: [item.pluginName, item.pluginFamily] }
  const instance: Pairs = { names: [], texts: [] }
  if (item.pluginFamily === '') {
    detail.names.pop()
    detail.texts.pop()
  }
  for (let i = 0; i < item.names.length; i++) {
    const name = item.names[i] ?? ''
    const part = INSTANCE_FIELDS.has(name) || (check && name === 'description') ? instance : detail
    part.names.push(name)
    part.texts.push(item.texts[i] ?? '')
  }
  for (const [name, text] of check?.derived ?? []) {
    instance.names.push(name)
    instance.texts.push(text)
  }
  return [detail, instance]
}

function evidenceOf(item: ReportItem): {
  pluginId: number
  port: number
  service: string
  said: string
} {
  const at = item.names.indexOf('plugin_output')
  const said = at < 0 ? '' : (item.texts[at] ?? '')
  return { pluginId: item.pluginId, port: item.port, service: detached(item.serviceName), said }
}
