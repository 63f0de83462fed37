/** Filters as the contract words them, evaluated one finding and one field at a time. */
import type { Finding } from './generated-report.ts'
import type { Random } from './random.ts'

export type Filters = Record<string, unknown>
type Test = (finding: Finding) => boolean

const NUMBERS = ['cvss3_base_score', 'cvss_score', 'cvss_version', 'vpr_score', 'port', 'plugin_id']
const TEXTS = ['description', 'plugin_output', 'plugin_name', 'host', 'os', 'x_unknown', 'svc_name', 'cve']
const OPERATORS: Record<string, (a: number, b: number) => boolean> = {
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
}
const NAMES = ['Info', 'Low', 'Medium', 'High', 'Critical']

/** Random filters, and the test that they stand for. */
export function generateFilters(random: Random): { filters: Filters; test: Test } {
  const filters: Filters = {}
  const tests: Test[] = []
  for (let count = 1 + random.below(2); count > 0; count--) {
    const [field, values, test] = generateFilter(random)
    if (field in filters) continue
    filters[field] = values
    tests.push(test)
  }
  return { filters, test: (finding) => tests.every((test) => test(finding)) }
}

function generateFilter(random: Random): [field: string, value: unknown, test: Test] {
  const kind = random.below(6)
  const field =
    kind === 0
      ? 'severity'
      : kind === 1
        ? 'exploit_available'
        : kind === 2
          ? random.pick(NUMBERS)
          : kind === 3
            ? 'cisa_known_exploited'
            : random.pick(TEXTS)
  const one = (): [unknown, Test] => {
    if (random.chance(0.1)) return [null, (finding) => finding[field] === undefined]
    if (random.chance(0.1)) return ['*', (finding) => finding[field] !== undefined]
    const [value, matches] = generateValue(random, field)
    const test: Test = (finding) => {
      const came = finding[field]
      if (came === undefined) return false
      return Array.isArray(came) ? came.some(matches) : matches(came)
    }
    return [value, test]
  }
  if (!random.chance(0.2)) return [field, ...one()]
  const choices = Array.from({ length: 1 + random.below(3) }, one)
  return [field, choices.map(([value]) => value), (finding) => choices.some(([, test]) => test(finding))]
}

function generateValue(random: Random, field: string): [unknown, (came: unknown) => boolean] {
  if (field === 'exploit_available') {
    const wanted = random.chance(0.5)
    return [wanted, (came) => came === wanted]
  }
  if (field === 'cisa_known_exploited') {
    const wanted = random.pick(['2025-05-22', '2025-01-01', '2024-01-02'])
    const operator = random.pick(Object.keys(OPERATORS))
    const days = (date: unknown): number => Date.parse(String(date))
    return [`${operator}${wanted}`, (came) => OPERATORS[operator]?.(days(came), days(wanted)) ?? false]
  }
  if (field === 'severity') {
    const level = random.below(5)
    const operator = random.pick(Object.keys(OPERATORS))
    if (random.chance(0.5)) return [random.pick([level, String(level), NAMES[level]]), (came) => came === level]
    return [`${operator}${level}`, (came) => OPERATORS[operator]?.(came as number, level) ?? false]
  }
  if (NUMBERS.includes(field)) {
    const wanted = random.pick([0, 2, 3, 5.9, 7, 22, 80, 200])
    const operator = random.pick(Object.keys(OPERATORS))
    if (random.chance(0.3)) return [wanted, (came) => came === wanted]
    return [
      `${operator} ${wanted}`,
      (came) => typeof came === 'number' && (OPERATORS[operator]?.(came, wanted) ?? false),
    ]
  }
  if (field === 'host' || field === 'cve') {
    const wanted = random.pick(['10.0.0.1', '10.0.0.9', 'WEB.example', 'cve-2021-4', 'CVE-2021-44228', 'nothing'])
    return [wanted, (came) => String(came).toLowerCase() === wanted.toLowerCase()]
  }
  const wanted = random.pick([
    'ssh',
    'GRÖSSE'.toLowerCase(),
    'größe',
    'a<B',
    '&AMP',
    '🔒',
    'cve-2021-4',
    '10.0.0.1',
    'nothing',
    'linux',
    '%_',
  ])
  return [wanted, (came) => String(came).toLowerCase().includes(wanted.toLowerCase())]
}
