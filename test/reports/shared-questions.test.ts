/** Goal: the shared questions, whose answers were made without this code, are answered exactly, by one call each and few tokens. */
import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkQuestion } from '../../lib/reports/question/question.ts'
import { labelled } from './support/labelled.ts'
import { CANNOT_SAY, planOf, type SharedQuestion, sorted, type Tools } from './support/shared-plans.ts'
import { openWorkshop, type Workshop } from './support/workshop.ts'

const SHARED = '../shared/questions/public.json'
const FOLDERS = ['../shared/data/', '../shared/questions/pairs/']

const all = existsSync(SHARED)
  ? (JSON.parse(readFileSync(SHARED, 'utf8')) as SharedQuestion[] | { questions: SharedQuestion[] })
  : []
/** Trends over many scans are asked elsewhere. */
const questions = (Array.isArray(all) ? all : all.questions).filter(({ kind }) => kind !== 'trend and age')

const CALLS_MAX = 2
const CHARS_PER_TOKEN = 4
const middleOf = (numbers: readonly number[], part: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * part))] ?? 0

describe.skipIf(questions.length === 0)('the shared questions', () => {
  let workshop: Workshop
  const tasks = new Map<string, string>()
  const costs: { calls: number; chars: number }[] = []
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

  async function toolsFor({ files }: SharedQuestion, cost: { calls: number; chars: number }): Promise<Tools> {
    const { reports } = workshop
    const ids = files.map((file) => tasks.get(file)!)
    const counted = <T>(answer: T): T => {
      cost.calls += 1
      cost.chars += JSON.stringify(answer).length
      return answer
    }
    const looks = await Promise.all(
      ids.map(async (taskId, at) => {
        const { started_at } = await reports.facts(taskId)
        return { taskId, look: { task_id: taskId, scan: files[at]!, at: started_at } }
      }),
    )
    return {
      ask: async (question) => counted(await reports.ask(looks, checkQuestion(question))),
      compare: async (options) => counted(await reports.compare(ids[0]!, ids[1]!, options)),
      host: async (name) => counted(await reports.host(ids[0]!, name)),
    }
  }

  test.each(questions.map((question) => [question.id, question.compute[0], question] as const))(
    '%s %s',
    async (_id, _kind, question) => {
      const plan = planOf(question)
      expect(plan, 'a plan').toBeDefined()
      const cost = { calls: 0, chars: 0 }
      const given = await plan!(await toolsFor(question, cost))
      const { answer, answer_form: form } = question
      const expected =
        form === 'cannot say' ? CANNOT_SAY : Array.isArray(answer) && form !== 'ordered' ? sorted(answer) : answer
      labelled(JSON.stringify(cost), () => expect(given).toEqual(expected))
      expect(cost.calls).toBeLessThanOrEqual(CALLS_MAX)
      costs.push(cost)
    },
  )

  test('cost one call and few tokens', () => {
    const tokens = costs.map(({ chars }) => chars / CHARS_PER_TOKEN)
    const said = {
      questions: costs.length,
      median: middleOf(tokens, 0.5),
      p95: middleOf(tokens, 0.95),
      most: Math.max(...tokens),
    }
    if (process.env['SAY_COSTS']) console.log(said)
    expect(
      middleOf(
        costs.map(({ calls }) => calls),
        0.5,
      ),
    ).toBe(1)
    labelled(JSON.stringify(said), () => expect([said.median <= 400, said.p95 <= 1500]).toEqual([true, true]))
  })
})
