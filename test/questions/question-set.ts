/** All questions, those of fixes, of the factory and of the audit among them. */
import { type AskedQuestion, CANNOT_SAY, firsts, n, pairs } from './asked-question.ts'
import { FINDINGS_QUESTIONS } from './findings-questions.ts'
import { INVENTORY_QUESTIONS } from './inventory-questions.ts'
import { distinct, hostsOf, type ReadItem } from './second-reading.ts'

const fixes: readonly AskedQuestion[] = [
  {
    words: 'Which single solution removes most?',
    report: 'office',
    call: { of: 'fixes', top: 1 },
    read: ({ rows }) => rows[0]?.[1],
    answer: ({ findings }) =>
      Math.max(
        ...findings.map(
          (item) => findings.filter((other) => other.values('solution')[0] === item.values('solution')[0]).length,
        ),
      ),
  },
  {
    words: 'How many solutions are needed?',
    report: 'office',
    call: { of: 'fixes', top: 1 },
    read: n,
    answer: ({ findings }) => distinct(findings.flatMap((item) => item.values('solution'))).length,
  },
  {
    words: 'How much does the best fix remove, later versions reckoned with?',
    report: 'office',
    call: { of: 'fix_plan', top: 1 },
    read: ({ rows }) => rows[0]?.[1],
    answer: ({ findings }) => findings.filter(({ name }) => name.includes('OpenSSL')).length,
  },
  {
    words: 'What is left after everything that can be fixed?',
    report: 'office',
    call: { of: 'fix_plan' },
    read: ({ rows }) => rows.at(-1)?.[4],
    answer: ({ findings }) => findings.filter((item) => item.values('solution').length === 0).length,
  },
]
const factory: readonly AskedQuestion[] = [
  {
    words: 'How many hosts of the factory answer Modbus to anybody?',
    report: 'factory',
    call: { of: 'hosts', where: { plugin_name: 'modbus' } },
    read: n,
    answer: ({ findings }) => hostsOf(findings.filter(({ name }) => name.includes('Modbus'))).length,
  },
  {
    words: 'Which hosts of the factory have port 502 open?',
    report: 'factory',
    call: { of: 'hosts', where: { port: 502 }, informational: true },
    read: firsts,
    answer: ({ items }) => hostsOf(items.filter(({ port }) => port === 502)),
  },
  {
    words: 'Which finding of the factory has an exploit?',
    report: 'factory',
    call: { where: { exploit_available: true } },
    read: n,
    answer: () => CANNOT_SAY,
  },
  {
    words: 'How many known exploited findings has the factory?',
    report: 'factory',
    call: { where: { kev: true } },
    read: n,
    answer: () => CANNOT_SAY,
  },
  {
    words: 'Which host of the factory took longest?',
    report: 'factory',
    call: { of: 'scanned_hosts', group_by: 'host', measure: 'max host_minutes', top: 1 },
    read: ({ rows }) => rows[0]?.[0],
    answer: ({ hosts }) =>
      hosts.toSorted((a, b) => String(b.tag('HOST_END')).localeCompare(String(a.tag('HOST_END'))))[0]?.name,
  },
  {
    words: 'Which hosts of the factory have no finding?',
    report: 'factory',
    call: { of: 'hosts', having: { findings: 0 } },
    read: firsts,
    answer: ({ hosts, findings }) =>
      distinct(hosts.map(({ name }) => name).filter((name) => !hostsOf(findings).includes(name))),
  },
  {
    words: 'Which certificates has the factory?',
    report: 'factory',
    call: { of: 'certificates' },
    read: n,
    answer: () => CANNOT_SAY,
  },
]
const result = (item: ReadItem): string => item.values('cm:compliance-result')[0] ?? ''
const checkName = (item: ReadItem): string => item.values('cm:compliance-check-name')[0] ?? ''
const audit: readonly AskedQuestion[] = [
  {
    words: 'How did the audit go, by result?',
    report: 'audit',
    call: { of: 'checks', group_by: 'compliance_result', measure: 'items' },
    read: pairs,
    answer: ({ checks }) =>
      distinct(checks.map(result)).map((one) => `${one}: ${checks.filter((item) => result(item) === one).length}`),
  },
  {
    words: 'Which checks fail on every host?',
    report: 'audit',
    call: {
      of: 'checks',
      where: { compliance_result: 'FAILED' },
      group_by: 'compliance_check_name',
      measure: 'hosts',
      having: { hosts: '>=2' },
    },
    read: firsts,
    answer: ({ checks }) =>
      distinct(checks.map(checkName)).filter((name) =>
        checks.every((item) => checkName(item) !== name || result(item) === 'FAILED'),
      ),
  },
  {
    words: 'How many checks fail on web01?',
    report: 'audit',
    call: { of: 'checks', where: { host: 'web01', compliance_result: 'FAILED' } },
    read: n,
    answer: ({ checks }) => checks.filter((item) => item.host.name === 'web01' && result(item) === 'FAILED').length,
  },
  {
    words: 'Does db01 pass 1.3?',
    report: 'audit',
    call: { of: 'checks', where: { host: 'db01', compliance_check_name: '1.3' }, group_by: 'compliance_result' },
    read: ({ rows }) => rows[0]?.[0],
    answer: ({ checks }) =>
      checks.filter((item) => item.host.name === 'db01' && checkName(item).startsWith('1.3')).map(result)[0],
  },
]

export const QUESTION_SET: readonly AskedQuestion[] = [
  ...FINDINGS_QUESTIONS,
  ...INVENTORY_QUESTIONS,
  ...fixes,
  ...factory,
  ...audit,
]
