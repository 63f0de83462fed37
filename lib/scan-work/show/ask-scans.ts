/** Which scans a question is asked of, and the question put to their reports one after the other. */
import { Refusal } from '../../base/errors.ts'
import type { QuestionAnswer } from '../../reports/question/answer.ts'
import type { LatestAnswer } from '../../reports/latest/asking.ts'
import type { Look } from '../../reports/question/looks.ts'
import type { Question } from '../../reports/question/question.ts'
import { TaskId } from '../../facts/task-id.ts'
import { check } from '../../base/check.ts'
import type { Scan } from '../../scans/record.ts'
import type { Services } from '../../runtime/services.ts'
import { readableScan, type ReadingSources } from './find-scan.ts'
import { simulatedFirst } from './simulated-scans.ts'
import { SIMULATED } from '../../reports/judge/simulated.ts'
import { resultsAvailable } from './status-view.ts'

export const SCANS_MAX = 500
export const SCANS_NAMED_MAX = 50

type Sources = Pick<Services, 'scans' | 'reports' | 'log'> & ReadingSources & { readonly now: Date }

export interface AskedScans {
  /** One scan, several, `latest` (each host by its newest finished look) or `all`. */
  readonly scan: string | readonly string[]
  readonly question: Question
}

export type ScansAnswer = QuestionAnswer & {
  /** Scans with results that were not asked, the oldest; and those whose report could not be read. */
  readonly scans_left_unasked: number
  readonly scans_unreadable: readonly string[]
  readonly warnings?: readonly string[]
  /** Further scans that the answer rests on. */
  readonly looks_cut?: number
}

export async function askScans({ scan, question }: AskedScans, sources: Sources): Promise<ScansAnswer> {
  if (question.table === 'lives') return askLedger({ scan, question }, sources)
  const { scans, total } = await chosen(scan, sources)
  const { answer, unreadable } = await (scan === 'latest' ? askLatest : askEach)(scans, question, sources)
  const failed = new Set(unreadable.map(({ taskId }) => taskId))
  for (const { taskId, error } of unreadable) {
    // Where one scan was asked, its error is the answer; among many, it must not hide what the others say.
    if (scans.length === 1) throw error
    sources.log.warn('a report could not be asked', { task_id: taskId, error: String(error) })
  }
  return {
    ...simulatedFirst(scans.filter(({ task_id: id }) => !failed.has(id))),
    ...answer,
    scans_left_unasked: total - scans.length,
    scans_unreadable: [...failed],
  }
}

/** The lives of findings: over all scans that ever were, or over those that are named alone. */
async function askLedger({ scan, question }: AskedScans, sources: Sources): Promise<ScansAnswer> {
  const { reports, now } = sources
  const { looks_cut, simulated, ...answer } =
    scan === 'latest' || scan === 'all'
      ? await reports.ledger.ask(question, now)
      : await reports.ledger.askOf((await chosen(scan, sources)).scans, question, now)
  return {
    ...(simulated ? { warnings: [SIMULATED] } : {}),
    ...answer,
    ...(looks_cut > 0 ? { looks_cut } : {}),
    scans_left_unasked: 0,
    scans_unreadable: [],
  }
}

type Ask = (scans: readonly Scan[], question: Question, sources: Sources) => Promise<LatestAnswer>

const askLatest: Ask = (scans, question, { reports }) =>
  reports.askLatest(
    scans.map(({ task_id, name }) => ({ task_id, scan: name })),
    question,
  )

const askEach: Ask = async (scans, question, { reports }) => {
  const unreadable: { taskId: string; error: unknown }[] = []
  const looks: { taskId: string; look: Look }[] = []
  for (const { task_id: taskId, name } of scans) {
    try {
      const { started_at } = await reports.facts(taskId)
      looks.push({ taskId, look: { task_id: taskId, scan: name, at: started_at } })
    } catch (error) {
      unreadable.push({ taskId, error })
    }
  }
  return { answer: await reports.ask(looks, question), unreadable }
}

async function chosen(scan: AskedScans['scan'], sources: Sources): Promise<{ scans: Scan[]; total: number }> {
  if (scan === 'latest' || scan === 'all') {
    const { scans, total } = await sources.scans.list({ matches: resultsAvailable, limit: SCANS_MAX, count: true })
    if (scans.length > 0) return { scans: [...scans], total }
    throw new Refusal('not_found', 'No scan has results yet. Start one, or import a report with import_scan.')
  }
  const ids = [...new Set(typeof scan === 'string' ? [scan] : scan)]
  if (ids.length === 0 || ids.length > SCANS_NAMED_MAX) {
    throw new Refusal(
      'invalid_argument',
      `scan: expected 1 to ${SCANS_NAMED_MAX} task ids, "latest" or "all", got ${ids.length}`,
      {
        arguments: ['scan'],
      },
    )
  }
  const scans = await Promise.all(ids.map((id) => readableScan(check(TaskId, id, 'scan'), sources)))
  return { scans, total: scans.length }
}
