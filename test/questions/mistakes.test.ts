/** Goal: a call with a mistake in it is understood, or refused with the word or the form that makes it right: one step. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Refusal } from '../../lib/base/errors.ts'
import { checkQuestion } from '../../lib/reports/question/question.ts'
import { openWorkshop, type Workshop } from '../reports/support/workshop.ts'
import type { AskedQuestion } from './asked-question.ts'
import { MADE_REPORTS, type MadeReport } from './made-reports.ts'
import { QUESTION_SET } from './question-set.ts'

let workshop: Workshop
const tasks = new Map<MadeReport, string>()
beforeAll(async () => {
  workshop = await openWorkshop()
  for (const [name, xml] of Object.entries(MADE_REPORTS)) tasks.set(name as MadeReport, await workshop.put(xml))
})
afterAll(() => workshop[Symbol.asyncDispose]())

type Call = AskedQuestion['call']
/** What people write instead of a field's name. */
const SYNONYMS: Readonly<Record<string, string>> = {
  plugin_family: 'family',
  plugin_name: 'title',
  svc_name: 'service',
  os: 'operating_system',
  host: 'ip',
  cve: 'cve_id',
  severity: 'risk',
  exploit_available: 'exploitable',
  kev: 'known_exploited',
  epss_score: 'epss',
  cvss3_base_score: 'cvss3',
  patch_publication_date: 'patch_date',
  vuln_publication_date: 'vulnerability_date',
  solution: 'fix',
  software: 'package',
  host_login: 'login',
  compliance_result: 'result',
  compliance_check_name: 'check',
}
const KINDS: Readonly<Record<string, (field: string) => string | undefined>> = {
  synonym: (field) => SYNONYMS[field],
  plural: (field) => `${field}s`,
  'camel case': (field) =>
    field.includes('_') ? field.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase()) : undefined,
  'a letter lost': (field) => (field.length > 4 ? `${field.slice(0, 2)}${field.slice(3)}` : undefined),
  'a space': (field) => (field.includes('_') ? field.replaceAll('_', ' ') : undefined),
}

/** Every place where a call names a field: in `where`, also within any, all and not, and in `group_by`. */
function* fieldsIn(value: unknown): Iterable<string> {
  if (Array.isArray(value)) for (const each of value) yield* fieldsIn(each)
  else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      if (['any', 'all', 'not'].includes(name)) yield* fieldsIn(inner)
      else yield name
    }
  }
}
const renamed = (call: Call, from: string, to: string): Call =>
  JSON.parse(
    JSON.stringify(call).replaceAll(`"${from}":`, `"${to}":`).replaceAll(`"group_by":"${from}"`, `"group_by":"${to}"`),
  ) as Call
const fieldsOfCall = (call: Call): string[] => [
  ...new Set([...fieldsIn(call['where'] ?? {}), ...[call['group_by'] ?? []].flat().map(String)]),
]

const distinctCalls = [...new Map(QUESTION_SET.map((question) => [JSON.stringify(question.call), question])).values()]
const MISTAKES = Object.entries(KINDS).flatMap(([kind, mutate]) =>
  distinctCalls.flatMap(({ report, call }) =>
    fieldsOfCall(call).flatMap((field) => {
      const wrong = mutate(field)
      return wrong === undefined ? [] : [[kind, field, wrong, report, renamed(call, field, wrong)] as const]
    }),
  ),
)

const ask = async (report: MadeReport, call: object) => {
  const taskId = tasks.get(report)!
  return workshop.reports.ask([{ taskId, look: { task_id: taskId, scan: report, at: null } }], checkQuestion(call))
}
const refusalOf = async (report: MadeReport, call: object): Promise<string | undefined> => {
  try {
    await ask(report, call)
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error.message
    throw error
  }
}

describe('a field by a wrong name', () => {
  test('there are many such mistakes', () => expect(MISTAKES.length).toBeGreaterThan(300))

  test.each(Object.keys(KINDS))('%s: the refusal names the right one', async (wanted) => {
    const missed = new Set<string>()
    for (const [kind, field, wrong, report, call] of MISTAKES) {
      if (kind !== wanted) continue
      const said = await refusalOf(report, call)
      if (said === undefined || !new RegExp(`did you mean[^?]*\\b${field}\\b`).test(said))
        missed.add(`${wrong} for ${field}: ${said}`)
    }
    expect([...missed]).toEqual([])
  })
})

describe('another word for what is asked', () => {
  test.each([
    [{ of: 'finding' }, 'findings'],
    [{ of: 'vulnerabilities' }, 'findings'],
    [{ of: 'host' }, 'hosts'],
    [{ of: 'packages' }, 'software'],
    [{ of: 'certificate' }, 'certificates'],
    [{ of: 'certs' }, 'certificates'],
    [{ of: 'users' }, 'accounts'],
    [{ of: 'solutions' }, 'fixes'],
    [{ of: 'compliance' }, 'checks'],
    [{ of: 'operating_systems' }, 'systems'],
    [{ of: 'hosts', measure: 'finding' }, 'findings'],
    [{ of: 'hosts', measure: 'count' }, 'findings'],
    [{ of: 'hosts', having: { finding: 1 } }, 'findings'],
    [{ of: 'hosts', order: '-finding' }, 'findings'],
  ])('%j means %s', async (call, right) => {
    expect(await refusalOf('office', call)).toMatch(new RegExp(`did you mean[^?]*\\b${right}\\b`))
  })
})

describe('a value of a wrong form', () => {
  test.each([
    [{ where: { severity: 'severe' } }, /one of Info, Low, Medium, High, Critical/],
    [{ where: { port: 'https' } }, /a number, or a comparison such as ">=7"/],
    [{ where: { exploit_available: 'maybe' } }, /true or false/],
    [{ where: { patch_publication_date: '01.02.2024' } }, /a date such as "2025-05-22"/],
    [{ where: { patch_publication_date: '90 days' } }, /a date such as/],
    [{ where: { host: '192.0.2.*' } }, /a network such as 10.0.0.0\/24/],
    [{ where: { host: '!=192.0.2.10' } }, /"not" turns a condition around/],
    [{ where: { plugin_name: '!=ssl' } }, /"not" turns a condition around/],
    [{ where: { cve: '>CVE-2021' } }, /a whole identifier/],
    [{ where: { port: [] } }, /a list of 1 to/],
    [{ where: { port: { from: 1, to: 2 } } }, /\{"between": \[from, to\]\}/],
    [{ where: { not: 'port' } }, /conditions such as/],
    [{ where: { any: [] } }, /a condition or a list of them/],
    [{ of: 'software', where: { software: ['!=vim'] } }, /"not" turns it around/],
    [{ of: 'scanned_hosts', where: { host_login: 'ok' } }, /one of success, partial, failed/],
    [{ of: 'certificates', where: { days_left: 'soon' } }, /a number/],
    [{ of: 'software', where: { cve: 'CVE-2021-44228' } }, /it is a field of findings/],
    [{ where: { software: 'vim' } }, /it is a field of "of": "software"/],
    [{ of: 'fix_plan', group_by: 'os' }, /"of": "fixes" can be grouped/],
  ])('%j', async (call, says) => {
    expect(await refusalOf('office', call)).toMatch(says)
  })

  test.each([
    [{ where: { severity: '3' } }, { where: { severity: 3 } }],
    [{ where: { severity: 'high' } }, { where: { severity: 'High' } }],
    [{ where: { port: '443' } }, { where: { port: 443 } }],
    [{ where: { exploit_available: 'true' } }, { where: { exploit_available: true } }],
    [{ where: { host: 'DESK11' } }, { where: { host: 'desk11' } }],
    [{ group_by: ['os'] }, { group_by: 'os' }],
    [{ where: { 'cm:compliance-result': 'FAILED' } }, { where: { compliance_result: 'FAILED' } }],
  ])('%j is understood', async (call, same) => {
    const [one, other] = [await ask('office', call), await ask('office', same)]
    expect(one.rows).toEqual(other.rows)
  })
})
