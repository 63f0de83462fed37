/** Reports, and parts of them, that are open: read once however many ask, and kept as far as the cache has room. */
import * as v from 'valibot'
import { makePace } from '../base/pace.ts'
import { type TaskFolder, taskFolder } from '../facts/task-folder.ts'
import { checkFresh, filesOf } from './files/report-state.ts'
import { ReportFacts } from './judge/report-facts.ts'
import type { OpenReport } from './query/results.ts'
import type { LookIdentity } from './question/looks.ts'
import { makeByteCache } from './store/byte-cache.ts'
import { StoreUnusable } from './store/format.ts'
import { openStore, type Store } from './store/store-reader.ts'
import { makeTextReader } from './store/text-reader.ts'

/** How the cache is shared out. */
const STORES_SHARE = 0.5
const TEXTS_SHARE = 0.375
const MATCHES_SHARE = 0.125

export interface ReadPart {
  readonly store: Store
  readonly identity: LookIdentity
}
export interface OpenPart {
  readonly report: OpenReport
  readonly identity: LookIdentity
}

export interface OpenReports {
  /** `justBuilt`: its store was made a moment ago by this process. Throws {@link StoreUnusable}. */
  open(folder: TaskFolder, justBuilt: boolean): Promise<OpenReport>
  /** A part of a report, kept under the name of the index that it is from. */
  part(taskId: string, index: string, read: () => Promise<ReadPart>): Promise<OpenPart>
  /** Forgets what is kept of a task. */
  forget(taskId: string): void
}

export function makeOpenReports(dataDir: string, cacheBytesMax: number): OpenReports {
  const share = (part: number): number => Math.floor(cacheBytesMax * part)
  const stores = makeByteCache<OpenReport | OpenPart>(share(STORES_SHARE))
  const texts = makeByteCache<Buffer>(share(TEXTS_SHARE))
  const matches = makeByteCache<Uint32Array>(share(MATCHES_SHARE))
  const pace = makePace()
  const shared = makeShared<OpenReport>()

  const opened = (folder: TaskFolder, store: Store): OpenReport => {
    const cacheKey = `${folder.taskId}:${store.source.sha256}`
    const reader = makeTextReader(store, folder.store, cacheKey, texts)
    return { store, texts: reader, facts: factsOf(store.facts), cacheKey, matches, pace }
  }
  const read = async (folder: TaskFolder, justBuilt: boolean): Promise<OpenReport> => {
    const store = await openStore(folder.store)
    checkFresh(store, await filesOf(folder), justBuilt)
    const report = opened(folder, store)
    stores.set(folder.taskId, report, store.bytes)
    return report
  }
  return {
    async open(folder, justBuilt) {
      const known = stores.get(folder.taskId)
      return known && 'store' in known ? known : shared.get(folder.taskId, () => read(folder, justBuilt))
    },
    async part(taskId, index, readPart) {
      const key = `${taskId}/${index}`
      const known = stores.get(key)
      if (known && 'identity' in known) return known
      const { store, identity } = await readPart()
      const part = { report: opened(taskFolder(dataDir, taskId), store), identity }
      stores.set(key, part, store.bytes)
      return part
    },
    forget(taskId) {
      shared.drop(taskId)
      stores.drop(taskId)
      texts.drop(taskId)
      matches.drop(taskId)
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

export function factsOf(stored: unknown): ReportFacts {
  const parsed = v.safeParse(ReportFacts, stored)
  if (!parsed.success) throw new StoreUnusable('its facts have an unknown form')
  return parsed.output
}
