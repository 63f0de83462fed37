/** What a question of the set is, and how its answers are read. */
import type { QuestionAnswer } from '../../lib/reports/question/answer.ts'
import type { MadeReport } from './made-reports.ts'
import { distinct, type ReadItem, type Reading } from './second-reading.ts'

export interface AskedQuestion {
  readonly words: string
  readonly report: MadeReport
  readonly call: Readonly<Record<string, unknown>>
  readonly read: (answer: QuestionAnswer) => unknown
  readonly answer: (reading: Reading) => unknown
}
/** What is read where the report does not hold the answer. */
export const CANNOT_SAY = 'cannot say'

export const n = (answer: QuestionAnswer): number => answer.n
export const firsts = (answer: QuestionAnswer): string[] => distinct(answer.rows.map(([first]) => first))
export const pairs = (answer: QuestionAnswer): string[] =>
  answer.rows
    .filter(([first]) => first !== '(none)')
    .map((row) => `${row[0]}: ${row.at(-1)}`)
    .sort()
export const numberIn = (item: ReadItem, element: string): number => Number(item.values(element)[0] ?? Number.NaN)
export const isKev = (item: ReadItem): boolean => item.values('cisa_known_exploited').length > 0
