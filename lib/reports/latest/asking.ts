/** Puts one question to the reports of several scans: to each whole report, or to the index of their latest looks. */
import { Refusal } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { answerQuestion, type QuestionAnswer } from '../question/answer.ts'
import { type AskedReport, type Look, restingOf } from '../question/looks.ts'
import type { Question } from '../question/question.ts'
import type { ReportShelf } from '../report-shelf.ts'
import type { LatestLooks, NamedScan, UnreadReport } from './latest-looks.ts'

/** So few reports are read themselves: an index of them would save nothing. */
const READ_THEMSELVES_MAX = 8

export interface LatestAnswer {
  readonly answer: QuestionAnswer
  /** Reports that could not be read, and why. */
  readonly unreadable: readonly UnreadReport[]
}

export interface Asking {
  /** Counts, groups and ranks findings over the reports of several scans, opened one after the other. */
  ask(
    scans: readonly { readonly taskId: string; readonly look: Look }[],
    question: Question,
    options?: { readonly latest?: boolean },
  ): Promise<QuestionAnswer>
  /** As {@link ask} over the latest look at each host, from an index: hundreds of scans cost what their latest looks cost. */
  askLatest(scans: readonly NamedScan[], question: Question): Promise<LatestAnswer>
}

export interface AskingSources {
  readonly use: ReportShelf['use']
  readonly latest: LatestLooks
  readonly log: Log
}

export function makeAsking({ use, latest, log }: AskingSources): Asking {
  const ask: Asking['ask'] = async (scans, question, { latest: onlyLatest = false } = {}) => {
    const asked = scans.map(({ taskId, look }): AskedReport => ({ look, use: (work) => use(taskId, work) }))
    return answerQuestion(await restingOf(asked, onlyLatest), question)
  }
  const fromIndex = async (scans: readonly NamedScan[], question: Question): Promise<LatestAnswer> => {
    await using looks = await latest.open(scans)
    return { answer: await answerQuestion(looks.resting, question), unreadable: looks.unreadable }
  }
  const fromReports = async (scans: readonly NamedScan[], question: Question): Promise<LatestAnswer> => {
    const looks: { taskId: string; look: Look }[] = []
    const unreadable: UnreadReport[] = []
    for (const { task_id: taskId, scan } of scans) {
      try {
        const at = await use(taskId, ({ facts }) => facts.started_at)
        looks.push({ taskId, look: { task_id: taskId, scan, at } })
      } catch (error) {
        unreadable.push({ taskId, error })
      }
    }
    return { answer: await ask(looks, question, { latest: true }), unreadable }
  }
  return {
    ask,
    async askLatest(scans, question) {
      if (scans.length <= READ_THEMSELVES_MAX) return fromReports(scans, question)
      try {
        return await fromIndex(scans, question)
      } catch (error) {
        if (error instanceof Refusal) throw error
        // Without the index the answer takes longer, and is the same.
        log.warn('the index of the latest looks is of no use', { error: String(error) })
        await latest.spoil().catch(() => {})
        return fromReports(scans, question)
      }
    },
  }
}
