/** Goal: the shared questions, whose answers were made without this code, are answered exactly by one question each. */
import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { QuestionAnswer } from '../../lib/reports/question/answer.ts'
import { checkQuestion } from '../../lib/reports/question/question.ts'
import { labelled } from './support/labelled.ts'
import { openWorkshop, type Workshop } from './support/workshop.ts'

const SHARED = '../shared/questions/public.json'
const FOLDERS = ['../shared/data/', '../shared/questions/pairs/']

type Where = Readonly<Record<string, unknown>>
interface SharedQuestion {
  readonly id: string
  readonly files: readonly string[]
  readonly answer: unknown
  readonly answer_form: string
  readonly compute: readonly [kind: string, args: Record<string, unknown> & { where?: Where }]
}
/** The question as this language puts it, and what of the answer is compared. */
interface Plan {
  readonly ask: object
  readonly read: (answer: QuestionAnswer) => unknown
}

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

const PLANS: Readonly<Record<string, (args: SharedQuestion['compute'][1]) => Plan>> = {
  count(args) {
    const of = typeof args['measure'] === 'string' ? args['measure'] : 'findings'
    return { ask: { of, where: conditions(args), top: 1 }, read: (answer) => answer.n }
  },
  listing(args) {
    const by = String(args['by'])
    const ask = { where: conditions(args), group_by: BY[by], top: 1000 }
    return {
      ask,
      read: (answer) =>
        namedRows(answer, by)
          .map(([name]) => name)
          .sort(),
    }
  },
  top(args) {
    const by = String(args['by'])
    const ask = { where: conditions(args), group_by: BY[by], measure: args['measure'], top: args['n'] }
    return { ask, read: (answer) => namedRows(answer, by).map((row) => [...row]) }
  },
  grouped(args) {
    const by = String(args['by'])
    const ask = { where: conditions(args), group_by: BY[by], measure: args['measure'], top: 1000 }
    return {
      ask,
      read: (answer) =>
        namedRows(answer, by)
          .map(([name, count]) => `${name}: ${count}`)
          .sort(),
    }
  },
  severities: () => ({
    ask: { group_by: 'severity', where: { finding_type: 'vulnerability' }, informational: true },
    read: (answer) => {
      const counts = new Map(answer.rows.map(([name, count]) => [String(name).toLowerCase(), count]))
      return ['critical', 'high', 'medium', 'low', 'info'].map((name) => `${name}: ${counts.get(name) ?? 0}`).sort()
    },
  }),
  fixes(args) {
    const ask = { of: 'fixes', where: conditions(args), top: Number(args['n'] ?? 1) }
    const sum = (answer: QuestionAnswer) => answer.rows.reduce((all, row) => all + Number(row[1]), 0)
    const read = (answer: QuestionAnswer) =>
      args['give'] === 'text' ? answer.rows[0]?.[0] : args['give'] === 'distinct' ? answer.groups : sum(answer)
    return { ask, read }
  },
  open_ports(args) {
    const where = { host: args['host'], protocol: args['protocol'] ?? 'tcp', port: '>0' }
    const read = (answer: QuestionAnswer) => answer.rows.map(([port]) => String(port)).sort()
    return { ask: { of: 'ports', where, top: 1000 }, read }
  },
  hosts_with_port(args) {
    const where = { port: args['port'], protocol: args['protocol'] }
    const read = (answer: QuestionAnswer) => answer.rows.map(([host]) => String(host)).sort()
    return { ask: { of: 'hosts', where, informational: true, top: 1000 }, read }
  },
}

const all = existsSync(SHARED)
  ? (JSON.parse(readFileSync(SHARED, 'utf8')) as SharedQuestion[] | { questions: SharedQuestion[] })
  : []
const questions = (Array.isArray(all) ? all : all.questions).filter(
  ({ compute: [kind], files }) => kind in PLANS && files.length === 1,
)

describe.skipIf(questions.length === 0)('the shared questions', () => {
  let workshop: Workshop
  const tasks = new Map<string, string>()
  beforeAll(async () => {
    workshop = await openWorkshop()
    for (const file of new Set(questions.flatMap(({ files }) => files))) {
      const path = FOLDERS.map((folder) => `${folder}${file}`).find((each) => existsSync(each))!
      const taskId = await workshop.copy(path)
      await workshop.reports.build(taskId)
      tasks.set(file, taskId)
    }
  })
  afterAll(() => workshop[Symbol.asyncDispose]())

  test.each(questions.map((question) => [question.id, question.compute[0], question] as const))(
    '%s %s',
    async (_id, _kind, question) => {
      const [kind, args] = question.compute
      const { ask, read } = PLANS[kind]!(args)
      const taskId = tasks.get(question.files[0]!)!
      const look = { task_id: taskId, scan: 'it', at: null }
      const answer = await workshop.reports.ask([{ taskId, look }], checkQuestion(ask))
      const cannotSay = question.answer_form === 'cannot say'
      const expected =
        Array.isArray(question.answer) && question.answer_form !== 'ordered'
          ? question.answer.map(String).sort()
          : question.answer
      const given = (answer.cannot_say?.length ?? 0) > 0 ? 'cannot say' : read(answer)
      labelled(JSON.stringify(answer), () => expect(given).toEqual(cannotSay ? 'cannot say' : expected))
      // An answer is short: four characters are about one token.
      expect(JSON.stringify(answer).length).toBeLessThan(6000)
    },
  )
})
