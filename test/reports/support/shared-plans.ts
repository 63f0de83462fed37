/** How each of the shared questions is asked: by one call, or two. Plans read a figure of the answer, and count nothing themselves. */
import type { QuestionAnswer } from '../../../lib/reports/question/answer.ts'
import type { Reports } from '../../../lib/reports/reports.ts'

type Where = Readonly<Record<string, unknown>>
export interface SharedQuestion {
  readonly id: string
  readonly kind: string
  readonly files: readonly string[]
  readonly answer: unknown
  readonly answer_form: string
  readonly compute: readonly [kind: string, args: Record<string, unknown> & { where?: Where }]
}
/** The reports of a question, and the tools that a plan may call. What each call answers is counted. */
export interface Tools {
  readonly ask: (question: object) => Promise<QuestionAnswer>
  readonly compare: (options?: Parameters<Reports['compare']>[2]) => ReturnType<Reports['compare']>
  readonly host: (name: string) => ReturnType<Reports['host']>
}
type Plan = (tools: Tools) => Promise<unknown>
/** A plan of one question, and what of its answer is compared. */
const asks =
  (question: object, read: (answer: QuestionAnswer) => unknown): Plan =>
  async ({ ask }) =>
    saidBy(await ask(question), read)
/** What cannot be said comes first: then nothing else is read. */
const saidBy = (answer: QuestionAnswer, read: (answer: QuestionAnswer) => unknown): unknown =>
  (answer.cannot_say?.length ?? 0) > 0 ? CANNOT_SAY : read(answer)
export const CANNOT_SAY = 'cannot say'

/** One condition of the shared questions in our words. */
const WORDS: Readonly<Record<string, (value: unknown) => object>> = {
  sev: (value) => ({ severity: value }),
  sev_min: (value) => ({ severity: `>=${String(value)}` }),
  host: (value) => ({ host: value }),
  subnet: (value) => ({ host: value }),
  cve: (value) => ({ cve: value }),
  epss_min: (value) => ({ epss_score: `>=${String(value)}` }),
  vpr_min: (value) => ({ vpr_score: `>=${String(value)}` }),
  cvss3_min: (value) => ({ cvss3_base_score: `>=${String(value)}` }),
  cvss4_min: (value) => ({ cvss4_base_score: `>=${String(value)}` }),
  exploit: (value) => ({ exploit_available: value }),
  kev: (value) => ({ kev: value }),
  malware: (value) => ({ exploited_by_malware: value }),
  unsupported: (value) => ({ unsupported_by_vendor: value }),
  default_account: (value) => ({ default_account: value }),
  name_has: (value) => ({ plugin_name: value }),
  not_name_has: (value) => ({ not: { plugin_name: value } }),
  not_family: (value) => ({ not: { plugin_family: value } }),
  not_port: (value) => ({ not: { port: value } }),
  port_between: (value) => ({ port: { between: value } }),
  vuln_before: (value) => ({ vuln_publication_date: `<${String(value)}` }),
  patch_older_days: (value) => ({ patch_publication_date: `older than ${String(value)} days` }),
  vuln_older_days: (value) => ({ vuln_publication_date: `older than ${String(value)} days` }),
  any: (value) => ({ any: (value as Where[]).map(inOurWords) }),
}

function inOurWords(where: Where): object {
  return { all: Object.entries(where).map(([word, value]) => (WORDS[word] ?? unknown(word))(value)) }
}
function unknown(word: string): never {
  throw new Error(`the test has no words for ${word}`)
}
const conditions = ({ where = {} }: { where?: Where }): object =>
  Object.keys(where).length === 0 ? {} : inOurWords(where)

const BY: Readonly<Record<string, readonly string[]>> = {
  host: ['host'],
  plugin: ['plugin_name'],
  family: ['plugin_family'],
  cve: ['cve'],
  port: ['port', 'protocol'],
}
const nameIn = (row: readonly unknown[], by: string): string =>
  by === 'port' ? row.slice(0, 2).map(String).join('/') : String(row[0])
const namedRows = (answer: QuestionAnswer, by: string) =>
  answer.rows.filter((row) => row[0] !== '(none)').map((row) => [nameIn(row, by), row.at(-1)] as const)

export const sorted = (values: Iterable<unknown>): string[] => [...new Set([...values].map(String))].sort()
const columnOf = (answer: QuestionAnswer, at = 0): unknown[] => answer.rows.map((row) => row[at])

const PLANS: Readonly<Record<string, (args: SharedQuestion['compute'][1]) => Plan>> = {
  count(args) {
    const of = typeof args['measure'] === 'string' ? args['measure'] : 'findings'
    return asks({ of, where: conditions(args), top: 1 }, (answer) => answer.n)
  },
  exposed: ({ cve, plugin }) =>
    asks({ where: cve === undefined ? { plugin_id: plugin } : { cve }, informational: true, top: 1 }, ({ n }) =>
      n > 0 ? 'yes' : 'no',
    ),
  listing(args) {
    const by = String(args['by'])
    return asks({ where: conditions(args), group_by: BY[by], top: 1000 }, (answer) =>
      namedRows(answer, by)
        .map(([name]) => name)
        .sort(),
    )
  },
  top(args) {
    const by = String(args['by'])
    return asks({ where: conditions(args), group_by: BY[by], measure: args['measure'], top: args['n'] }, (answer) =>
      namedRows(answer, by).map((row) => [...row]),
    )
  },
  grouped(args) {
    const by = String(args['by'])
    return asks({ where: conditions(args), group_by: BY[by], measure: args['measure'], top: 1000 }, (answer) =>
      namedRows(answer, by)
        .map(([name, count]) => `${name}: ${count}`)
        .sort(),
    )
  },
  severities: () =>
    asks({ group_by: 'severity', where: { finding_type: 'vulnerability' }, informational: true }, (answer) => {
      const counts = new Map(answer.rows.map(([name, count]) => [String(name).toLowerCase(), count]))
      return ['critical', 'high', 'medium', 'low', 'info'].map((name) => `${name}: ${counts.get(name) ?? 0}`).sort()
    }),
  fixes(args) {
    const sum = (answer: QuestionAnswer) => answer.rows.reduce((all, row) => all + Number(row[1]), 0)
    return asks({ of: 'fixes', where: conditions(args), top: Number(args['n'] ?? 1) }, (answer) =>
      args['give'] === 'text' ? answer.rows[0]?.[0] : args['give'] === 'distinct' ? answer.groups : sum(answer),
    )
  },
  open_ports(args) {
    const where = { host: args['host'], protocol: args['protocol'] ?? 'tcp', port: '>0' }
    return asks({ of: 'ports', where, top: 1000 }, (answer) => sorted(columnOf(answer)))
  },
  hosts_with_port(args) {
    const where = { port: args['port'], protocol: args['protocol'] ?? 'tcp' }
    return asks({ of: 'hosts', where, informational: true, top: 1000 }, (answer) => sorted(columnOf(answer)))
  },
  services: ({ service }) =>
    asks({ of: 'hosts', where: { svc_name: service }, informational: true, top: 1000 }, (answer) =>
      sorted(columnOf(answer)),
    ),
  total_hosts: () => asks({ of: 'scanned_hosts', top: 1 }, ({ n }) => n),
  host_share: (args) =>
    asks({ of: 'hosts', where: conditions(args), having: { findings: 0 }, top: 1000 }, (answer) =>
      sorted(columnOf(answer)),
    ),
  os_hosts: ({ os_has: has }) =>
    has === undefined
      ? asks({ of: 'scanned_hosts', group_by: 'os' }, (answer) =>
          sorted(answer.rows.map(([os, hosts]) => `${String(os).split('\n').join(' / ')}: ${hosts}`)),
        )
      : asks({ of: 'scanned_hosts', where: { os: has }, top: 1 }, ({ n }) => n),
  host_fact: ({ host, tag }) =>
    asks({ of: 'scanned_hosts', where: { host }, group_by: TAGS[String(tag)] }, (answer) => answer.rows[0]?.[0]),
  host_named: ({ name }) => asks({ of: 'scanned_hosts', where: { host: name } }, (answer) => answer.rows[0]?.[0]),
  same_host: ({ one, other }) =>
    asks({ of: 'scanned_hosts', where: { all: [{ host: one }, { host: other }] } }, ({ n }) =>
      n === 1 ? 'yes' : 'no',
    ),
  login({ host, give }) {
    const wanted = LOGINS[String(give).split(':')[1] ?? '']
    if (host !== undefined) {
      return asks({ of: 'scanned_hosts', where: { host }, group_by: ['host', 'host_login'] }, (answer) =>
        Object.keys(LOGINS).find((name) => LOGINS[name]!.includes(String(answer.rows[0]?.[1]))),
      )
    }
    return asks({ of: 'scanned_hosts', where: { host_login: wanted }, top: 1000 }, (answer) =>
      String(give).startsWith('count') ? answer.n : sorted(columnOf(answer)),
    )
  },
  scan_fact({ fact }) {
    const name = { port_range: 'host_port_range', version: 'host_scanner_version', start: 'host_start' }[String(fact)]
    return asks({ of: 'scanned_hosts', group_by: name, order: name, top: 1 }, (answer) => answer.rows[0]?.[0])
  },
  host_minutes: ({ n }) =>
    asks({ of: 'scanned_hosts', group_by: 'host', measure: 'max host_minutes', top: n }, ({ rows }) => rows),
  unfinished: () =>
    asks({ of: 'scanned_hosts', where: { host_reach: 'unfinished' } }, (answer) => sorted(columnOf(answer))),
  certificates({ give, before: day }) {
    const before = day as string | undefined
    const where = { expires: before === undefined ? 'older than 0 days' : `<${before}` }
    if (give === 'earliest') {
      return asks({ of: 'certificates', top: 1 }, (answer) => String(answer.rows[0]?.[0]).slice(0, 10))
    }
    if (give === 'hosts') {
      return asks({ of: 'certificates', where, group_by: 'host' }, (answer) => sorted(columnOf(answer)))
    }
    return asks({ of: 'certificates', where: give === 'seen' ? {} : where, top: 1 }, ({ n }) => n)
  },
  software({ host, has, give }) {
    const where = has === undefined ? { host } : { host, software: has }
    return asks({ of: 'software', where, top: 3 }, ({ n, rows }) =>
      give === 'version' ? rows[0]?.[1] : give === 'installed' ? (n > 0 ? 'yes' : 'no') : n,
    )
  },
  compliance({ give, host, check, result = 'FAILED' }) {
    const where = { compliance_result: result }
    switch (give) {
      case 'everywhere':
        return async ({ ask }) => {
          const hosts = await ask({ of: 'checks', group_by: [], measure: 'hosts' })
          const every = { compliance_check_name: Number(hosts.rows[0]?.[0]) }
          const having = { hosts: Object.values(every)[0]! }
          return (
            await ask({ of: 'checks', where, group_by: 'compliance_check_name', measure: 'hosts', having, top: 1 })
          ).groups
        }
      case 'host_count':
        return asks({ of: 'checks', where: { ...where, host }, top: 1 }, (answer) => answer.n)
      case 'result':
        return asks(
          { of: 'checks', where: { host, compliance_check_name: check }, group_by: 'compliance_result' },
          (answer) => answer.rows[0]?.[0],
        )
      default:
        return asks({ of: 'checks', group_by: 'compliance_result', measure: 'items' }, (answer) =>
          sorted(answer.rows.map(([name, count]) => `${name}: ${count}`)),
        )
    }
  },
  change:
    ({ state, give }) =>
    async ({ compare }) => {
      const kind = state as 'new' | 'persisting' | 'fixed' | 'not_retested'
      const { counts, ...lists } = await compare({ limit: give === 'count' ? 1 : 50 })
      if (give === 'count') return counts[kind]
      return sorted(lists[kind].map((finding) => (give === 'plugins' ? finding.plugin_name : finding.host)))
    },
}

const TAGS: Readonly<Record<string, string>> = {
  'operating-system': 'os',
  'host-ip': 'host_ip',
  'netbios-name': 'host_netbios',
  'mac-address': 'host_mac',
  'host-fqdn': 'host_fqdn',
}
const LOGINS: Readonly<Record<string, readonly string[]>> = {
  yes: ['success', 'partial'],
  failed: ['failed'],
  none: ['not_applicable', 'unknown'],
}

const notRetested =
  (plugin: RegExp): Plan =>
  async ({ compare }) => {
    const { not_retested } = await compare()
    return not_retested.some(({ plugin_name: name }) => plugin.test(name)) ? CANNOT_SAY : 'told'
  }
const reasonOf =
  (host: string, words: Readonly<Record<string, RegExp>>): Plan =>
  async (tools) => {
    const [look] = (await tools.host(host)).hosts
    return Object.keys(words).find((word) => words[word]!.test(JSON.stringify(look?.login)))
  }

/** Questions whose key was written by hand: each with the call that somebody would make. */
const BY_HAND: Readonly<Record<string, Plan>> = {
  p042: asks({ of: 'patches', where: { host: '192.168.56.10' } }, ({ n }) => n),
  p043: asks({ of: 'software', where: { host: '192.168.56.22' } }, ({ n }) => n),
  p044: asks({ where: { host: '192.168.56.100' } }, ({ n }) => n),
  p045: async ({ ask }) => ((await ask({ of: 'scanned_hosts', group_by: 'scan' })).groups > 1 ? 'told' : CANNOT_SAY),
  p046: asks({ of: 'checks', where: { host: '192.168.56.12' } }, ({ n }) => n),
  p062: asks({ where: { host: '10.0.0.2', plugin_id: 156888 } }, ({ n }) => n),
  p063: asks({ where: { host: '10.0.0.1', cve: 'CVE-2022-0847' } }, ({ n }) => n),
  p064: asks({ where: { host: '10.0.0.4' } }, ({ n }) => n),
  p128: notRetested(/polkit/i),
  p129: notRetested(/factory password/i),
  p130: notRetested(/SMB signing/i),
  p131: asks({ where: { host: 'app01', port: 8443 } }, ({ n }) => n),
  p132: asks({ where: { host: 'prn02' } }, ({ n }) => n),
  p137: async ({ compare }) =>
    sorted((await compare()).compliance_changed.map((one) => `${one.host}: ${one.check_name}`)),
  p138: async ({ compare }) => {
    const { compliance_not_retested: list } = await compare()
    return list.some(({ host, check_name: name }) => host === 'web01' && name.startsWith('1.3')) ? CANNOT_SAY : 'told'
  },
  p142: reasonOf('db01', { refused: /denied|refused/i, network: /network|connect/i }),
  p143: async ({ ask }) => {
    const { groups } = await ask({
      of: 'scanned_hosts',
      where: { host: ['db01', 'DB01.corp.example'] },
      group_by: 'host',
    })
    return groups === 1 ? 'yes' : 'no'
  },
  p147: reasonOf('10.0.0.2', { 'private key': /private key/i, password: /password/i }),
}

export const planOf = ({ id, compute: [kind, args] }: SharedQuestion): Plan | undefined =>
  BY_HAND[id] ?? PLANS[kind]?.(args)
