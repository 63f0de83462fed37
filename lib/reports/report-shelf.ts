/**
 * Opens reports for questions: from the cache, from the store on disk, or, when
 * the store is of no use, by rebuilding it from the report itself.
 */
import { rm, stat } from 'node:fs/promises'
import * as v from 'valibot'
import type { Log } from '../base/log.ts'
import { makePace } from '../base/pace.ts'
import { type TaskFolder, taskFolder } from '../facts/task-folder.ts'
import { type Expectation, ReportFacts } from './judge/report-facts.ts'
import type { OpenReport } from './query/results.ts'
import { makeReportBuilds } from './report-builds.ts'
import { makeByteCache } from './store/byte-cache.ts'
import { StoreUnusable } from './store/format.ts'
import { openStore } from './store/store-reader.ts'
import { makeTextReader } from './store/text-reader.ts'

/** How the cache is shared out. */
const STORES_SHARE = 0.5
const TEXTS_SHARE = 0.375
const MATCHES_SHARE = 0.125

export interface ReportShelf {
  build(taskId: string, expectation: Expectation): Promise<ReportFacts>
  /** Runs `ask` on the open report; once more after a rebuild if the store turns out to be damaged. */
  use<T>(taskId: string, ask: (report: OpenReport) => T | Promise<T>): Promise<T>
  /** Forgets what is kept of a task. */
  forget(taskId: string): void
  /** Deletes a store that turned out to be damaged while it was read: the next question rebuilds it. */
  spoil(taskId: string): Promise<void>
}

export function makeReportShelf(options: {
  readonly dataDir: string
  readonly cacheBytesMax: number
  readonly log: Log
}): ReportShelf {
  const share = (part: number): number => Math.floor(options.cacheBytesMax * part)
  const stores = makeByteCache<OpenReport>(share(STORES_SHARE))
  const texts = makeByteCache<Buffer>(share(TEXTS_SHARE))
  const matches = makeByteCache<Uint32Array>(share(MATCHES_SHARE))
  const builds = makeReportBuilds(options.log)
  const pace = makePace()

  const shared = makeShared<OpenReport>()

  const forget = (taskId: string): void => {
    shared.drop(taskId)
    stores.drop(taskId)
    texts.drop(taskId)
    matches.drop(taskId)
  }
  const open = async (folder: TaskFolder, { justBuilt = false } = {}): Promise<OpenReport> =>
    stores.get(folder.taskId) ?? shared.get(folder.taskId, () => read(folder, justBuilt))
  const read = async (folder: TaskFolder, justBuilt: boolean): Promise<OpenReport> => {
    const store = await openStore(folder.store)
    const native = await stat(folder.native).catch(() => undefined)
    if (native && native.size !== store.source.size) throw new StoreUnusable('the report changed since it was parsed')
    // As long as before, and yet another: a store is made after its report. Another host's clock may say otherwise of one
    // that was just made.
    const builtMs = justBuilt ? Infinity : (await stat(folder.store)).mtimeMs
    if (native && native.mtimeMs > builtMs) throw new StoreUnusable('the report was written after it was parsed')
    const cacheKey = `${folder.taskId}:${store.source.sha256}`
    const reader = makeTextReader(store, folder.store, cacheKey, texts)
    const report = { store, texts: reader, facts: factsOf(store.facts), cacheKey, matches, pace }
    stores.set(folder.taskId, report, store.bytes)
    return report
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
    async use(taskId, ask) {
      const folder = taskFolder(options.dataDir, taskId)
      try {
        return await ask(await open(folder))
      } catch (error) {
        if (!(error instanceof StoreUnusable)) throw error
        options.log.warn('rebuilding findings store', { task_id: taskId, why: error.message })
      }
      await builds.rebuild(folder)
      forget(taskId)
      return ask(await open(folder, { justBuilt: true }))
    },
  }
}

/** What somebody reads already, or is about to, is read by the others with them: it is in memory once, however large it is. */
function makeShared<T extends object>() {
  const opening = new Map<string, Promise<T>>()
  const open = new Map<string, WeakRef<T>>()
  const gone = new FinalizationRegistry<string>((key) => {
    if (open.get(key)?.deref() === undefined) open.delete(key)
  })
  return {
    get(key: string, read: () => Promise<T>): T | Promise<T> {
      const known = open.get(key)?.deref() ?? opening.get(key)
      if (known) return known
      const reading: Promise<T> = read().then(
        (value) => {
          // What was dropped meanwhile is for those alone who asked before.
          if (opening.get(key) !== reading) return value
          opening.delete(key)
          open.set(key, new WeakRef(value))
          gone.register(value, key)
          return value
        },
        (error: unknown) => {
          if (opening.get(key) === reading) opening.delete(key)
          throw error
        },
      )
      opening.set(key, reading)
      return reading
    },
    drop(key: string): void {
      opening.delete(key)
      open.delete(key)
    },
  }
}

function factsOf(stored: unknown): ReportFacts {
  const parsed = v.safeParse(ReportFacts, stored)
  if (!parsed.success) throw new StoreUnusable('its facts have an unknown form')
  return parsed.output
}
