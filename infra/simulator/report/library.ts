/**
 * The reports a simulator can serve: the shipped ones, and those of the folders
 * it was given. Files are listed once at start; a folder's files are only read
 * when a scan serves them, and streamed, so their size does not matter.
 */
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { PermanentError } from '../../../lib/base/errors.ts'
import { splitReport, writeReport } from './shipped-report.ts'
import type { Serving } from './shipped-report.ts'
import type { SimulatedSummary } from './summary.ts'
import { EMPTY_SUMMARY, summarise } from './summary.ts'

const FILES_MAX = 1000
/** Larger reports are served but not summarised: their scans list the targets without findings. */
const SUMMARISED_BYTES_MAX = 32 * 1024 * 1024

export interface Report {
  /** The file's base name, lower case. */
  readonly name: string
  readonly isShipped: boolean
  /** Known for a file that is served unchanged. */
  readonly bytes: number | undefined
  /** Kept after the first call. */
  summary(): Promise<SimulatedSummary>
  /** The document for one run; a folder's file comes as it is. */
  open(serving: Serving): Readable
}

export interface Library {
  find(name: string): Report | undefined
  all(): readonly Report[]
  /** Those that came from a folder, by name. */
  external(): readonly Report[]
}

/** Throws PermanentError when a folder cannot be read or holds too many reports. A folder's file hides a shipped one of its name. */
export function openLibrary(reportsDirs: readonly string[]): Library {
  const byName = new Map<string, Report>()
  for (const path of reportFiles(shippedFolder())) byName.set(nameOf(path), shippedReport(path))
  for (const folder of reportsDirs) {
    const files = reportFiles(folder)
    if (files.length === 0) throw new PermanentError(`reports folder ${folder}: expected .nessus files, found none`)
    for (const path of files) byName.set(nameOf(path), fileReport(path))
  }
  const all = [...byName.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1))
  return {
    find: (name) => byName.get(name.toLowerCase()),
    all: () => all,
    external: () => all.filter((one) => !one.isShipped),
  }
}

function shippedReport(path: string): Report {
  const text = readFileSync(path, 'utf8')
  const parts = splitReport(text)
  return {
    name: nameOf(path),
    isShipped: true,
    bytes: undefined,
    summary: once(() => summarise(Readable.from([text]))),
    open: (serving) => Readable.from(writeReport(parts, serving), { objectMode: false }),
  }
}

function fileReport(path: string): Report {
  const bytes = statSync(path).size
  return {
    name: nameOf(path),
    isShipped: false,
    bytes,
    summary: once(async () => (bytes > SUMMARISED_BYTES_MAX ? EMPTY_SUMMARY : summarise(createReadStream(path)))),
    open: () => createReadStream(path),
  }
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let started: Promise<T> | undefined
  return () => (started ??= work())
}

function nameOf(path: string): string {
  return basename(path, '.nessus').toLowerCase()
}

function reportFiles(folder: string): string[] {
  let names: string[]
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.nessus'))
  } catch (cause) {
    throw new PermanentError(`reports folder ${folder}: cannot be read; give a folder of .nessus files`, { cause })
  }
  if (names.length > FILES_MAX) {
    throw new PermanentError(`reports folder ${folder}: expected at most ${FILES_MAX} reports, found ${names.length}`)
  }
  return names.toSorted().map((name) => join(folder, name))
}

/** Beside the sources; the built program, in dist/, finds them where the package keeps them. */
function shippedFolder(): string {
  const candidates = ['../reports/', '../../../../infra/simulator/reports/']
  const paths = candidates.map((path) => fileURLToPath(new URL(path, import.meta.url)))
  const found = paths.find((path) => existsSync(path))
  if (found === undefined) throw new PermanentError(`shipped reports: expected the folder ${paths[1]}; reinstall`)
  return found
}
