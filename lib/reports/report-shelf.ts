/**
 * Opens reports for questions: from the cache, from the store on disk, or, when
 * the store is of no use, by rebuilding it from the report itself.
 */
import { rm } from 'node:fs/promises'
import type { Log } from '../base/log.ts'
import { type TaskFolder, taskFolder } from '../facts/task-folder.ts'
import { checkFresh, stampOf, filesOf } from './files/report-state.ts'
import type { Expectation, ReportFacts } from './judge/report-facts.ts'
import { factsOf, makeOpenReports, type OpenReports } from './open-reports.ts'
import type { OpenReport } from './query/results.ts'
import type { ReportHosts } from './question/look-fold.ts'
import { makeReportBuilds } from './report-builds.ts'
import { StoreUnusable } from './store/format.ts'
import { openHead } from './store/store-reader.ts'

export interface ReportShelf {
  build(taskId: string, expectation: Expectation): Promise<ReportFacts>
  /** Runs `ask` on the open report; once more after a rebuild if the store turns out to be damaged. */
  use<T>(taskId: string, ask: (report: OpenReport) => T | Promise<T>): Promise<T>
  /** What tells its hosts apart and when they were looked at, and the state that its files were in before they were read. */
  head(taskId: string): Promise<ReportHead>
  /** The state of a report's files, by which a later one is told apart; `undefined` where there is no store. */
  stamp(taskId: string): Promise<string | undefined>
  /** A part of a report, kept under the name of the index that it is from. */
  part: OpenReports['part']
  /** Forgets what is kept of a task. */
  forget(taskId: string): void
  /** Deletes a store that turned out to be damaged while it was read: the next question rebuilds it. */
  spoil(taskId: string): Promise<void>
}

export interface ReportHead {
  readonly hosts: ReportHosts
  /** The scan's own date. */
  readonly at: string | null
  readonly stamp: string
}

export function makeReportShelf(options: {
  readonly dataDir: string
  readonly cacheBytesMax: number
  readonly log: Log
}): ReportShelf {
  const builds = makeReportBuilds(options.log)
  const reports = makeOpenReports(options.dataDir, options.cacheBytesMax)
  const forget = (taskId: string): void => reports.forget(taskId)
  /** Does `work` on the files of a task; once more after a rebuild if the store turns out to be of no use. */
  const mending = async <T>(
    taskId: string,
    work: (folder: TaskFolder, justBuilt: boolean) => Promise<T>,
  ): Promise<T> => {
    const folder = taskFolder(options.dataDir, taskId)
    try {
      return await work(folder, false)
    } catch (error) {
      if (!(error instanceof StoreUnusable)) throw error
      options.log.warn('rebuilding findings store', { task_id: taskId, why: error.message })
    }
    await builds.rebuild(folder)
    forget(taskId)
    return work(folder, true)
  }
  return {
    forget,
    async spoil(taskId) {
      forget(taskId)
      await rm(taskFolder(options.dataDir, taskId).store, { force: true })
    },
    async build(taskId, expectation) {
      const facts = await builds.build(taskFolder(options.dataDir, taskId), expectation)
      forget(taskId)
      return facts
    },
    use: (taskId, ask) => mending(taskId, async (folder, justBuilt) => ask(await reports.open(folder, justBuilt))),
    head: (taskId) =>
      mending(taskId, async (folder, justBuilt) => {
        const state = await filesOf(folder)
        const { hosts, facts, source } = await openHead(folder.store)
        checkFresh({ source }, state, justBuilt)
        return { hosts, at: factsOf(facts).started_at, stamp: stampOf(state) }
      }),
    async stamp(taskId) {
      const state = await filesOf(taskFolder(options.dataDir, taskId))
      return state.store && stampOf(state)
    },
    part: (taskId, index, read) => reports.part(taskId, index, read),
  }
}
