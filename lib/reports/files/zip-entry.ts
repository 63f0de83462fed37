/** Takes the one report out of a zip archive. The directory of a zip is at its end, so it is written down first. */
import { randomUUID } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { PermanentError, Refusal } from '../../base/errors.ts'
import { atMost, type Bytes } from './at-most.ts'
import type { TaskFolder } from './task-folder.ts'

const ENTRIES_MAX = 1000

/** Hands the archive's only .nessus entry to `write`. Throws a Refusal when there is none, or more than one. */
export async function unpackZip<T>(
  archive: Bytes,
  folder: TaskFolder,
  bytesMax: number,
  write: (entry: Bytes) => Promise<T>,
): Promise<T> {
  const path = `${folder.native}.${randomUUID()}.zip.part`
  try {
    const handle = await open(path, 'wx', 0o600)
    try {
      for await (const chunk of archive) await handle.appendFile(chunk)
    } finally {
      await handle.close()
    }
    return await fromArchive(path, bytesMax, write)
  } catch (error) {
    if (error instanceof PermanentError || typeof (error as NodeJS.ErrnoException).syscall === 'string') throw error
    throw new Refusal('invalid_argument', `the zip file is damaged or cut short: ${String(error)}`)
  } finally {
    await rm(path, { force: true })
  }
}

async function fromArchive<T>(path: string, bytesMax: number, write: (entry: Bytes) => Promise<T>): Promise<T> {
  const zip = await openPromise(path, { autoClose: false })
  try {
    const entry = await onlyReport(zip)
    return await write(atMost(await zip.openReadStreamPromise(entry), bytesMax))
  } finally {
    zip.close()
  }
}

async function onlyReport(zip: ZipFile): Promise<Entry> {
  if (zip.entryCount > ENTRIES_MAX) {
    throw new Refusal('invalid_argument', `the zip file holds ${zip.entryCount} files; pack one .nessus file`)
  }
  const reports: Entry[] = []
  for await (const entry of zip.eachEntry()) {
    // macOS adds a shadow of each file under __MACOSX.
    if (/\.nessus$/i.test(entry.fileName) && !entry.fileName.startsWith('__MACOSX/')) reports.push(entry)
  }
  const [report] = reports
  if (report && reports.length === 1) return report
  throw new Refusal('invalid_argument', `the zip file holds ${reports.length} .nessus files; pack exactly one`)
}
