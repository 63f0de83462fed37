/** How one host was looked at: reached or not, logged in to or not and on what evidence, over which ports. */
import { Refusal } from '../../base/errors.ts'
import { didYouMean } from '../../base/near-names.ts'
import { credentialVerdicts } from '../judge/credential-verdicts.ts'
import { evidenceOf } from '../judge/host-verdict.ts'
import { LOGIN_PLUGINS } from '../judge/login-plugins.ts'
import { eachPair, longTextsOf, shortText } from '../query/finding-view.ts'
import type { OpenReport } from '../query/results.ts'
import type { HostRecord } from '../store/format.ts'
import type { HostLook, HostLooks } from './answers.ts'
import { hostTest } from './search-report.ts'

const HOSTS_MAX = 10
const OUTPUT: ReadonlySet<string> = new Set(['plugin_output'])

/** The looks at the host that goes by `wanted`, any of its names or addresses. Throws a Refusal when there is none. */
export async function lookAtHost(report: OpenReport, wanted: string): Promise<HostLooks> {
  const { hosts } = report.store
  const fits = hostTest(wanted)
  const found = hosts.flatMap((host, index) => (fits(host) ? [index] : []))
  if (found.length === 0) {
    const names = new Set(hosts.slice(0, 10_000).flatMap((host) => host.names))
    const came = JSON.stringify(wanted.slice(0, 100))
    throw new Refusal(
      'not_found',
      `host: this report has no host ${came}: it was not scanned, which is not the same as clean${didYouMean(wanted, names)}`,
      { argument: 'host' },
    )
  }
  const looks: HostLook[] = []
  for (const index of found.slice(0, HOSTS_MAX)) looks.push(await lookAt(report, index))
  return { total: found.length, hosts: looks }
}

async function lookAt({ store, texts }: OpenReport, index: number): Promise<HostLook> {
  const host = store.hosts[index] as HostRecord
  const rows: number[] = []
  for (let row = 0; row < store.count; row++) {
    if (store.columns.host[row] === index && LOGIN_PLUGINS.has(store.columns.plugin[row] ?? 0)) rows.push(row)
  }
  const textOf = await texts.load(longTextsOf(store, rows, OUTPUT))
  const evidence = rows.map((row) => {
    let said = ''
    eachPair(store, row, (field, textId) => {
      if (OUTPUT.has(field.name)) said ||= textOf(textId)
    })
    const { plugin, port, service } = store.columns
    return { pluginId: plugin[row] ?? 0, port: port[row] ?? 0, service: shortText(store, service[row] ?? 0), said }
  })
  const [info, low, medium, high, critical] = host.severities
  return {
    host: host.name,
    names: [...host.names],
    reach: host.reach,
    login: {
      status: host.login,
      reason: host.loginReason,
      access: host.access,
      credentials: credentialVerdicts({ host: host.name, evidence }),
      evidence: evidenceOf({ host: host.name, evidence }),
    },
    started_at: host.start ?? null,
    ended_at: host.end ?? null,
    port_range: host.portRange ?? null,
    policy: host.policy ?? null,
    severity_breakdown: { critical, high, medium, low, info },
    compliance: host.compliance,
  }
}
