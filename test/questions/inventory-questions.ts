/** Questions about what plugins tell: software, certificates, accounts, and the hosts themselves. */
import { type AskedQuestion, CANNOT_SAY, firsts, n, pairs } from './asked-question.ts'
import { distinct, hostsOf, output, type ReadItem, type Reading } from './second-reading.ts'

const told =
  (plugin: number) =>
  ({ items }: Reading) =>
    items.filter((item) => item.plugin === plugin)
const expiry = (item: ReadItem): number => Date.parse(`${/After: ([^\n]*) GMT/.exec(output(item))?.[1]} GMT`)
export const INVENTORY_QUESTIONS: readonly AskedQuestion[] = [
  {
    words: 'How many packages are on 192.0.2.10?',
    report: 'office',
    call: { of: 'software', where: { host: '192.0.2.10' } },
    read: n,
    answer: (r) => told(22869)(r).flatMap((item) => output(item).match(/^ {2}ii /gm) ?? []).length,
  },
  {
    words: 'Which version of vim is on 192.0.2.10?',
    report: 'office',
    call: { of: 'software', where: { host: '192.0.2.10', software: 'vim' } },
    read: ({ rows }) => rows[0]?.[1],
    answer: (r) => /ii {3}vim {2}(\S+)/.exec(output(told(22869)(r)[0]!))?.[1],
  },
  {
    words: 'On how many hosts is vim?',
    report: 'office',
    call: { of: 'software', where: { software: 'vim' }, group_by: [], measure: 'hosts' },
    read: ({ rows }) => rows[0]?.[0],
    answer: (r) =>
      hostsOf(r.items.filter((item) => [22869, 20811].includes(item.plugin) && /vim/i.test(output(item)))).length,
  },
  {
    words: 'Is PuTTY on DESK11?',
    report: 'office',
    call: { of: 'software', where: { host: 'DESK11', software: 'putty' } },
    read: (a) => (a.n > 0 ? 'yes' : 'no'),
    answer: (r) => (told(20811)(r).some((item) => output(item).includes('PuTTY')) ? 'yes' : 'no'),
  },
  {
    words: 'Which software is on portal.office.example?',
    report: 'office',
    call: { of: 'software', where: { host: 'portal.office.example' } },
    read: firsts,
    answer: () => CANNOT_SAY,
  },
  {
    words: 'Is Docker anywhere in the office?',
    report: 'office',
    call: { of: 'software', where: { software: 'docker' } },
    read: n,
    answer: () => CANNOT_SAY,
  },
  {
    words: 'Which certificate expires first?',
    report: 'office',
    call: { of: 'certificates', top: 1 },
    read: ({ rows }) => Date.parse(String(rows[0]?.[0])),
    answer: (r) => Math.min(...told(10863)(r).map(expiry)),
  },
  {
    words: 'How many certificates had expired?',
    report: 'office',
    call: { of: 'certificates', where: { days_left: '<0' } },
    read: n,
    answer: (r) => told(10863)(r).filter((item) => expiry(item) < Date.parse('2026-03-02T10:00:00Z')).length,
  },
  {
    words: 'Which hosts need a certificate within 30 days?',
    report: 'office',
    call: { of: 'certificates', where: { days_left: { between: [0, 30] } }, group_by: 'host' },
    read: firsts,
    answer: (r) =>
      hostsOf(
        told(10863)(r).filter(
          (item) =>
            expiry(item) >= Date.parse('2026-03-02T10:00:00Z') && expiry(item) < Date.parse('2026-04-02T10:00:00Z'),
        ),
      ),
  },
  {
    words: 'Which accounts are on 192.0.2.10?',
    report: 'office',
    call: { of: 'accounts', where: { host: '192.0.2.10' } },
    read: firsts,
    answer: (r) =>
      distinct(told(95928)(r).flatMap((item) => [...output(item).matchAll(/User +: (\S+)/g)].map(([, user]) => user))),
  },
  {
    words: 'Who is an administrator of DESK11?',
    report: 'office',
    call: { of: 'accounts', where: { trait: 'administrator' } },
    read: firsts,
    answer: (r) =>
      distinct(told(10902)(r).flatMap((item) => [...output(item).matchAll(/- (.+) \(/g)].map(([, user]) => user))),
  },
  {
    words: 'How many hosts were scanned?',
    report: 'office',
    call: { of: 'scanned_hosts', top: 1 },
    read: n,
    answer: ({ hosts }) => hosts.length,
  },
  {
    words: 'How many hosts per system?',
    report: 'office',
    call: { of: 'scanned_hosts', group_by: 'os' },
    read: pairs,
    answer: ({ hosts }) =>
      distinct(hosts.map((host) => host.tag('operating-system') ?? 'unknown'))
        .map((os) => `${os}: ${hosts.filter((host) => (host.tag('operating-system') ?? 'unknown') === os).length}`)
        .sort(),
  },
  {
    words: 'On which hosts did the login work?',
    report: 'office',
    call: { of: 'scanned_hosts', where: { host_login: 'success' } },
    read: firsts,
    answer: (r) => hostsOf(told(19506)(r).filter((item) => /checks : yes/.test(output(item)))),
  },
  {
    words: 'On which hosts was the login refused?',
    report: 'office',
    call: { of: 'scanned_hosts', where: { host_login: 'failed' } },
    read: firsts,
    answer: (r) => hostsOf(told(104410)(r)),
  },
  {
    words: 'Which hosts did not finish?',
    report: 'office',
    call: { of: 'scanned_hosts', where: { host_reach: 'unfinished' } },
    read: firsts,
    answer: ({ hosts }) => distinct(hosts.filter((host) => host.tag('HOST_END') === undefined).map(({ name }) => name)),
  },
  {
    words: 'Under which address is DESK11 listed?',
    report: 'office',
    call: { of: 'scanned_hosts', where: { host: 'DESK11' } },
    read: ({ rows }) => rows[0]?.[0],
    answer: ({ hosts }) => hosts.find((host) => host.tag('netbios-name') === 'DESK11')?.name,
  },
  {
    words: 'What is the DNS name of 192.0.2.10?',
    report: 'office',
    call: { of: 'scanned_hosts', where: { host: '192.0.2.10' }, group_by: 'host_fqdn' },
    read: ({ rows }) => rows[0]?.[0],
    answer: ({ hosts }) => hosts[0]?.tag('host-fqdn'),
  },
  {
    words: 'What is the MAC address of 192.0.2.10?',
    report: 'office',
    call: { of: 'scanned_hosts', where: { host: '192.0.2.10' }, group_by: 'host_mac' },
    read: ({ rows }) => rows[0]?.[0],
    answer: () => CANNOT_SAY,
  },
  {
    words: 'Which Nessus made the scan?',
    report: 'office',
    call: { of: 'scanned_hosts', where: { host: '192.0.2.10' }, group_by: 'host_scanner_version' },
    read: ({ rows }) => rows[0]?.[0],
    answer: (r) => /version : (\S+)/.exec(output(told(19506)(r)[0]!))?.[1],
  },
  {
    words: 'Which ports are open on portal.office.example?',
    report: 'office',
    call: { of: 'ports', where: { host: 'portal.office.example', port: '>0' } },
    read: firsts,
    answer: ({ items }) =>
      distinct(
        items
          .filter((item) => item.host.tag('host-fqdn') === 'portal.office.example' && item.port > 0)
          .map(({ port }) => port),
      ),
  },
  {
    words: 'What is known of 192.0.2.99?',
    report: 'office',
    call: { where: { host: '192.0.2.99' } },
    read: n,
    answer: () => CANNOT_SAY,
  },
  {
    words: 'How many findings has a CVSS 4 score above 7?',
    report: 'office',
    call: { where: { cvss4_base_score: '>7' } },
    read: n,
    answer: () => CANNOT_SAY,
  },
  {
    words: 'Does the office pass its audit?',
    report: 'office',
    call: { of: 'checks' },
    read: n,
    answer: () => CANNOT_SAY,
  },
]
