/** Questions about findings: how many, which, without, and broken down. Each condition is asked of four things. */
import { type AskedQuestion, firsts, isKev, n, numberIn, pairs } from './asked-question.ts'
import { distinct, hostsOf, type ReadItem } from './second-reading.ts'

type Keeps = (item: ReadItem) => boolean
/** Conditions on findings: in words, as they are asked, and as the second reading tells. */
const CONDITIONS: readonly (readonly [words: string, where: object, keeps: Keeps])[] = [
  ['of any kind', {}, () => true],
  ['that are high or worse', { severity: '>=3' }, ({ severity }) => severity >= 3],
  ['that are critical', { severity: 'Critical' }, ({ severity }) => severity === 4],
  ['with a public exploit', { exploit_available: true }, (item) => item.values('exploit_available')[0] === 'true'],
  ['known to be exploited', { kev: true }, isKev],
  [
    'known to be exploited or likely to be',
    { any: [{ kev: true }, { epss_score: '>=0.05' }] },
    (item) => isKev(item) || numberIn(item, 'epss_score') >= 0.05,
  ],
  [
    'with a CVSS 3 score from 6 to 8',
    { cvss3_base_score: { between: [6, 8] } },
    (item) => numberIn(item, 'cvss3_base_score') >= 6 && numberIn(item, 'cvss3_base_score') <= 8,
  ],
  ['on port 443', { port: 443 }, ({ port }) => port === 443],
  ['not on port 443', { not: { port: 443 } }, ({ port }) => port !== 443],
  ['on ports 1 to 1023', { port: { between: [1, 1023] } }, ({ port }) => port >= 1 && port <= 1023],
  ['over UDP', { protocol: 'udp' }, ({ protocol }) => protocol === 'udp'],
  ['of the family Misc.', { plugin_family: 'Misc.' }, ({ family }) => family === 'Misc.'],
  ['of other families than Misc.', { not: { plugin_family: 'Misc.' } }, ({ family }) => family !== 'Misc.'],
  ['about OpenSSL', { plugin_name: 'openssl' }, ({ name }) => name.includes('OpenSSL')],
  ['with CVE-2021-44228', { cve: 'CVE-2021-44228' }, (item) => item.values('cve').includes('CVE-2021-44228')],
  ['with CVE-2021-4422, a shorter number', { cve: 'CVE-2021-4422' }, () => false],
  ['of 192.0.2.10', { host: '192.0.2.10' }, ({ host }) => host.name === '192.0.2.10'],
  [
    'of portal.office.example, by its name',
    { host: 'portal.office.example' },
    ({ host }) => host.tag('host-fqdn') === 'portal.office.example',
  ],
  ['of DESK11, by its NetBIOS name', { host: 'desk11' }, ({ host }) => host.tag('netbios-name') === 'DESK11'],
  ['in 192.0.2.8/29', { host: '192.0.2.8/29' }, ({ host }) => /\.(?:8|9|1[0-5])$/.test(host.name)],
  ['from 192.0.2.12 to 192.0.2.77', { host: '192.0.2.12-192.0.2.77' }, ({ host }) => /\.(?:12|77)$/.test(host.name)],
  ['of Ubuntu', { os: 'ubuntu' }, ({ host }) => host.tag('operating-system')?.includes('Ubuntu') ?? false],
  [
    'whose patch was out for over 600 days',
    { patch_publication_date: 'older than 600 days' },
    (item) => (item.values('patch_publication_date')[0] ?? '9999') < '2024/07/10',
  ],
  [
    'known before 2024',
    { vuln_publication_date: '<2024-01-01' },
    (item) => (item.values('vuln_publication_date')[0] ?? '9999') < '2024',
  ],
]
const COUNTS: readonly (readonly [of: string, count: (items: readonly ReadItem[]) => number])[] = [
  ['findings', (items) => items.length],
  ['hosts', (items) => hostsOf(items).length],
  ['plugins', (items) => distinct(items.map(({ plugin }) => plugin)).length],
  ['cves', (items) => distinct(items.flatMap((item) => item.values('cve'))).length],
]
/** How many, of four things each. */
const howMany = CONDITIONS.flatMap(([words, where, keeps]) =>
  COUNTS.map(([of, count]): AskedQuestion => ({
    words: `How many ${of} has the office with findings ${words}?`,
    report: 'office',
    call: { of, where, top: 1 },
    read: n,
    answer: ({ findings }) => count(findings.filter(keeps)),
  })),
)
const which = CONDITIONS.slice(0, 12).map(([words, where, keeps]): AskedQuestion => ({
  words: `Which hosts of the office have findings ${words}?`,
  report: 'office',
  call: { of: 'hosts', where },
  read: firsts,
  answer: ({ findings }) => hostsOf(findings.filter(keeps)),
}))
const without = CONDITIONS.slice(1, 6).map(([words, where, keeps]): AskedQuestion => ({
  words: `Which hosts of the office have no findings ${words}?`,
  report: 'office',
  call: { of: 'hosts', where, having: { findings: 0 } },
  read: firsts,
  answer: ({ hosts, findings }) => {
    const hit = hostsOf(findings.filter(keeps))
    return distinct(hosts.map(({ name }) => name).filter((name) => !hit.includes(name)))
  },
}))

const GROUPS: readonly (readonly [field: string, value: (item: ReadItem) => string[]])[] = [
  ['plugin_family', ({ family }) => [family]],
  ['plugin_name', ({ name }) => [name]],
  ['host', ({ host }) => [host.name]],
  ['port', ({ port }) => [String(port)]],
  ['svc_name', ({ service }) => [service]],
  ['cve', (item) => item.values('cve')],
  ['os', ({ host }) => [host.tag('operating-system') ?? 'unknown']],
  ['solution', (item) => item.values('solution')],
]
const grouped = GROUPS.map(([field, valuesOf]): AskedQuestion => ({
  words: `How many findings are there in the office per ${field}?`,
  report: 'office',
  call: { group_by: field, measure: 'findings' },
  read: pairs,
  answer: ({ findings }) => {
    const groups = distinct(findings.flatMap(valuesOf))
    return groups.map((name) => `${name}: ${findings.filter((item) => valuesOf(item).includes(name)).length}`).sort()
  },
}))

export const FINDINGS_QUESTIONS: readonly AskedQuestion[] = [...howMany, ...which, ...without, ...grouped]
