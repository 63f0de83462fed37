/** Takes the one report out of a zip archive. The directory of a zip is at its end, so it is written down first. */
import { randomUUID } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { PermanentError, Refusal } from '../../base/errors.ts'
import { atMost, type Bytes } from './at-most.ts'
import { isOffice } from '../parse/wrong-file.ts'
import type { TaskFolder } from '../../facts/task-folder.ts'

const ENTRIES_MAX = 1000

/** Hands the archive's only .nessus entry (else its only .xml entry) to `write`. Throws a Refusal when there is none, or more than one. */
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
  const entries: Entry[] = []
  for await (const entry of zip.eachEntry()) {
    // macOS adds a shadow of each file under __MACOSX; folders are entries too.
    if (!entry.fileName.startsWith('__MACOSX/') && !entry.fileName.endsWith('/')) entries.push(entry)
  }
  const names = entries.map((entry) => entry.fileName)
  if (isOffice(names)) {
    throw refused(
      'this is an Excel workbook (XLSX) or another Office file, not a report; export the scan as .nessus instead',
    )
  }
  const named = (ending: RegExp): Entry[] => entries.filter((entry) => ending.test(entry.fileName))
  const reports = named(/\.nessus$/i).length > 0 ? named(/\.nessus$/i) : named(/\.xml$/i)
  const [report] = reports
  if (report && reports.length === 1) return report
  const holds = names.slice(0, NAMES_SHOWN).join(', ').slice(0, 200)
  throw refused(
    reports.length === 0
      ? `the zip file holds 0 .nessus files (it holds: ${holds === '' ? 'nothing' : holds}); pack exactly one .nessus file, not packed again`
      : `the zip file holds ${reports.length} .nessus files; pack exactly one, and import the others by themselves`,
  )
}

const NAMES_SHOWN = 5
const refused = (message: string): Refusal => new Refusal('invalid_argument', message)
