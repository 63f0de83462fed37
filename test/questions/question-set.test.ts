/** Goal: each question is answered exactly by one call and few characters, as a second reading of the report says. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkQuestion } from '../../lib/reports/question/question.ts'
import { labelled } from '../reports/support/labelled.ts'
import { openWorkshop, type Workshop } from '../reports/support/workshop.ts'
import { CANNOT_SAY } from './asked-question.ts'
import { MADE_REPORTS, type MadeReport } from './made-reports.ts'
import { QUESTION_SET } from './question-set.ts'
import { readAgain } from './second-reading.ts'

const CHARS_MAX = 1600
const CHARS_MEDIAN_MAX = 600

let workshop: Workshop
const tasks = new Map<MadeReport, string>()
beforeAll(async () => {
  workshop = await openWorkshop()
  for (const [name, xml] of Object.entries(MADE_REPORTS)) tasks.set(name as MadeReport, await workshop.put(xml))
})
afterAll(() => workshop[Symbol.asyncDispose]())

const ask = async (report: MadeReport, call: object) => {
  const taskId = tasks.get(report)!
  const { started_at } = await workshop.reports.facts(taskId)
  return workshop.reports.ask(
    [{ taskId, look: { task_id: taskId, scan: report, at: started_at } }],
    checkQuestion(call),
  )
}

describe('the question set', () => {
  const chars: number[] = []
  test('has at least a hundred questions, each in its own words', () => {
    expect(QUESTION_SET.length).toBeGreaterThanOrEqual(100)
    expect(new Set(QUESTION_SET.map(({ words }) => words)).size).toBe(QUESTION_SET.length)
  })

  test.each(QUESTION_SET.map((question) => [question.words, question] as const))('%s', async (_words, question) => {
    const answer = await ask(question.report, question.call)
    const given = (answer.cannot_say?.length ?? 0) > 0 ? CANNOT_SAY : question.read(answer)
    const said = JSON.stringify(answer)
    labelled(said, () => expect(given).toEqual(question.answer(readAgain(MADE_REPORTS[question.report]))))
    chars.push(said.length)
    expect(said.length).toBeLessThanOrEqual(CHARS_MAX)
  })

  test('costs few characters', () => {
    expect(chars.toSorted((a, b) => a - b)[chars.length >> 1]).toBeLessThanOrEqual(CHARS_MEDIAN_MAX)
  })
})
