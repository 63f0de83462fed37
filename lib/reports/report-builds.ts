/** Builds findings stores from the reports on disk. Concurrent builds of one task share one build. */
import { readFile, stat } from 'node:fs/promises'
import * as v from 'valibot'
import { check } from '../base/check.ts'
import { PermanentError, Refusal } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { streamFile } from '../base/stream-file.ts'
import { buildStore } from './build.ts'
import { noReport } from './files/native-report.ts'
import type { TaskFolder } from '../facts/task-folder.ts'
import { writeWhole } from './files/write-whole.ts'
import { Expectation, type ReportFacts } from './judge/report-facts.ts'

const READ_BYTES = 1024 * 1024

export interface ReportBuilds {
  /** Builds the store and keeps `expectation`, so that a later rebuild judges alike. */
  build(folder: TaskFolder, expectation: Expectation): Promise<ReportFacts>
  /** Builds the store as it was asked for the first time. */
  rebuild(folder: TaskFolder): Promise<ReportFacts>
}

export function makeReportBuilds(log: Log): ReportBuilds {
  const running = new Map<string, Promise<ReportFacts>>()
  const once = (folder: TaskFolder, expectation: Expectation): Promise<ReportFacts> => {
    const known = running.get(folder.path)
    if (known) return known
    const build = buildFrom(folder, expectation, log).finally(() => running.delete(folder.path))
    running.set(folder.path, build)
    return build
  }
  return {
    async build(folder, expectation) {
      const checked = check(Expectation, expectation, 'expectation')
      await mustExist(folder)
      await writeWhole(folder.expectation, JSON.stringify(checked))
      // A rebuild that is under way judges by the old expectation: let it end first.
      await running.get(folder.path)?.catch(() => {})
      return once(folder, checked)
    },
    async rebuild(folder) {
      await mustExist(folder)
      try {
        return await once(folder, await storedExpectation(folder))
      } catch (error) {
        throw damaged(folder, error)
      }
    },
  }
}

async function buildFrom(folder: TaskFolder, expectation: Expectation, log: Log): Promise<ReportFacts> {
  const store = (chunks: AsyncIterable<Uint8Array>) => buildStore({ storePath: folder.store, chunks, expectation })
  try {
    const facts = await streamFile(folder.native, store, { highWaterMark: READ_BYTES })
    log.info('findings store built', { task_id: folder.taskId, findings: facts.total_findings })
    return facts
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error
    throw new PermanentError(`scan_native.nessus: ${error.message}`, { cause: error })
  }
}

/** It could be read once, so it is the file that has changed. */
function damaged({ taskId }: TaskFolder, error: unknown): unknown {
  if (!(error instanceof PermanentError)) return error
  const remedy = `An operator can fetch it again with \`nessus-mcp repair ${taskId}\`, while the scan is at its scanner.`
  return new Refusal('conflict', `The report of ${taskId} was damaged on disk: ${error.message}. ${remedy}`)
}

async function mustExist(folder: TaskFolder): Promise<void> {
  try {
    await stat(folder.native)
  } catch (error) {
    // What cannot be looked at is not missing.
    throw error instanceof Error && 'code' in error && error.code === 'ENOENT' ? noReport(folder) : error
  }
}

async function storedExpectation(folder: TaskFolder): Promise<Expectation> {
  try {
    const parsed = v.safeParse(Expectation, JSON.parse(await readFile(folder.expectation, 'utf8')))
    return parsed.success ? parsed.output : {}
  } catch {
    // Without it the report is judged on its own, as an imported one is.
    return {}
  }
}
