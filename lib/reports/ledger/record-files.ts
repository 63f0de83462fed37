/**
 * The records of the ledger on disk, one file per scan in a folder of their own:
 *
 *   ledger/<task_id>.<seconds of the scan's date, 0 without one>.<digest of the report>.look
 *   ledger/<task_id>.taken-back      (empty: this scan is as if it had never been)
 *   ledger/<task_id>.damaged         (a record that did not read as it was written)
 *
 * Their names say which there are and in which order they belong, so that none has to be opened for that.
 *
 *   RF1. A record appears whole or not at all, and a name stands for one content.
 *   RF2. What was taken back stays out, whoever writes it again meanwhile.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isTaskId } from '../../facts/task-id.ts'
import { ledgerFolder } from '../../facts/task-folder.ts'
import { createWholeFile, syncFolder } from '../files/whole-file.ts'
import { momentOf } from '../judge/report-dates.ts'
import { type LookRecord, packRecord, RECORD_FORMAT, RecordUnusable, unpackRecord } from './look-record.ts'

const DIGEST_CHARS = 16
const NAME = new RegExp(`^(.+)\\.(\\d+)\\.([0-9a-f]{${DIGEST_CHARS}})\\.look${RECORD_FORMAT}$`)
const DAMAGED = /^(.+)\.damaged$/
const TAKEN_BACK = /^(.+)\.taken-back$/

export interface RecordName {
  readonly file: string
  readonly taskId: string
  readonly seconds: number
  readonly digest: string
}

export interface Records {
  readonly records: readonly RecordName[]
  /** Scans whose record was damaged, and that have no other. */
  readonly damaged: readonly string[]
}

export interface TakeBackOptions {
  /** Somebody may be about to enter it. */
  readonly evenUnknown?: boolean
}

export interface RecordFiles {
  /** The records that count, in the order in which they belong: by date, then by digest, then by scan; one of each report. */
  list(): Promise<Records>
  /** Whether this scan needs no record: there is one of this report, or it was taken back. */
  has(taskId: string, sha256: string): Promise<boolean>
  /** Those of `scans` that have neither; by the digest of their reports where it is known. */
  without<T extends { readonly task_id: string; readonly sha256: string | undefined }>(
    scans: readonly T[],
  ): Promise<T[]>
  write(record: LookRecord): Promise<void>
  read(name: RecordName): Promise<LookRecord>
  /** Takes a scan out as if it had never been; whether there was a record. One of which there is none is marked where that is asked for. */
  takeBack(taskId: string, options?: TakeBackOptions): Promise<boolean>
}

export function makeRecordFiles(dataDir: string): RecordFiles {
  const folder = ledgerFolder(dataDir)
  const mark = (taskId: string): string => join(folder, `${taskId}.taken-back`)
  const names = (): Promise<string[]> => namesIn(folder)
  const removeRecords = async (taskId: string, except?: string): Promise<boolean> => {
    const own = (await names()).flatMap((file) => readName(file) ?? []).filter((name) => name.taskId === taskId)
    for (const { file } of own) if (file !== except) await rm(join(folder, file), { force: true })
    return own.length > 0
  }
  return {
    async list() {
      const files = await names()
      const takenBack = new Set(files.flatMap((file) => TAKEN_BACK.exec(file)?.[1] ?? []))
      const records = files.flatMap((file) => readName(file) ?? []).filter(({ taskId }) => !takenBack.has(taskId))
      const there = new Set(records.map(({ taskId }) => taskId))
      const damaged = files.flatMap((file) => DAMAGED.exec(file)?.[1] ?? [])
      return {
        records: oneOfEach(records.toSorted(inOrder)),
        damaged: damaged.filter((taskId) => !there.has(taskId) && !takenBack.has(taskId)),
      }
    },
    async has(taskId, sha256) {
      const digest = sha256.slice(0, DIGEST_CHARS)
      return (await names()).some((file) => {
        const name = readName(file)
        return file === `${taskId}.taken-back` || (name?.taskId === taskId && name.digest === digest)
      })
    },
    without: async (scans) => withoutRecord(scans, await names()),
    async write(record) {
      await mkdir(folder, { recursive: true })
      const file = nameOf(record)
      const draft = await createWholeFile(join(folder, file))
      try {
        await draft.append(await packRecord(record))
        await draft.commit()
      } finally {
        await draft.discard()
      }
      await removeRecords(record.task_id, file)
      await rm(join(folder, `${record.task_id}.damaged`), { force: true })
      // Taken back while it was written: whichever of the two came last, it is out.
      if ((await names()).includes(`${record.task_id}.taken-back`)) await removeRecords(record.task_id)
    },
    async read({ file, taskId }) {
      try {
        return await unpackRecord(await readFile(join(folder, file)))
      } catch (error) {
        // Out of the way: where the report is still there, the record is made again.
        if (error instanceof RecordUnusable) await rename(join(folder, file), join(folder, `${taskId}.damaged`))
        throw error
      }
    },
    async takeBack(taskId, { evenUnknown = false } = {}) {
      const isKnown = (await names()).some((file) => readName(file)?.taskId === taskId)
      if (!isKnown && !evenUnknown) return false
      await mkdir(folder, { recursive: true })
      // The mark first: from then on the record does not count, and nobody makes it again.
      await writeFile(mark(taskId), '')
      await syncFolder(folder)
      return (await removeRecords(taskId)) || isKnown
    },
  }
}

/** None where there is no folder yet. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** By the names of what is there: scans of which there is neither a record of this report nor the mark of one taken back. */
function withoutRecord<T extends { readonly task_id: string; readonly sha256: string | undefined }>(
  scans: readonly T[],
  files: readonly string[],
): T[] {
  const known = new Set<string>()
  for (const file of files) {
    const { taskId = TAKEN_BACK.exec(file)?.[1] ?? '', digest } = readName(file) ?? {}
    known.add(taskId)
    known.add(digest === undefined ? `${taskId} out` : `${taskId} ${digest}`)
  }
  return scans.filter(
    ({ task_id: id, sha256 }) =>
      !known.has(`${id} out`) && !known.has(sha256 === undefined ? id : `${id} ${sha256.slice(0, DIGEST_CHARS)}`),
  )
}

export function nameOf({ task_id, at, sha256 }: Pick<LookRecord, 'task_id' | 'at' | 'sha256'>): string {
  const seconds = Math.max(0, Math.floor((momentOf(at) ?? 0) / 1000))
  return `${task_id}.${seconds}.${sha256.slice(0, DIGEST_CHARS)}.look${RECORD_FORMAT}`
}

function readName(file: string): RecordName | undefined {
  const [, taskId, seconds, digest] = NAME.exec(file) ?? []
  if (taskId === undefined || digest === undefined || !isTaskId(taskId)) return undefined
  return { file, taskId, seconds: Number(seconds), digest }
}

const inOrder = (a: RecordName, b: RecordName): number =>
  a.seconds - b.seconds || compare(a.digest, b.digest) || compare(a.taskId, b.taskId)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Of a report that came twice, the first counts: the second says nothing new. */
function oneOfEach(ordered: readonly RecordName[]): RecordName[] {
  const seen = new Set<string>()
  return ordered.filter(({ digest }) => !seen.has(digest) && seen.add(digest))
}
