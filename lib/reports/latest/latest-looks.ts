/**
 * Which reports the latest looks at all hosts rest on, and what they say, from an
 * index that is made anew whenever it was made of other reports, or of other
 * states of them, than are asked. Any number of processes may do so over one data
 * directory: each writes a whole file, and believes one only after it looked.
 *
 * What is kept of a part that did not change is copied; a part that lost hosts to
 * a newer report is cut from the one before; only a new report is opened. Where
 * newer reports came and nothing else changed, only they are read for their hosts.
 */
import { readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { latestPath } from '../../facts/task-folder.ts'
import type { Log } from '../../base/log.ts'
import { removeOldFiles } from '../files/remove-old-files.ts'
import { makeLookFold, NOBODY } from '../question/look-fold.ts'
import {
  byDate,
  foldIn,
  type Look,
  type LookIdentity,
  lookIdentity,
  type RestingReport,
  LOOKED_AT_AGAIN,
} from '../question/looks.ts'
import type { ReportShelf } from '../report-shelf.ts'
import { StoreUnusable } from '../store/format.ts'
import {
  draftLatest,
  type LatestDraft,
  type LatestFile,
  openLatest,
  type PartHosts,
  type IndexedReport,
} from './latest-file.ts'
import { someHosts } from './some-hosts.ts'

/** A scan that is asked: its id and what it is called. */
export type NamedScan = Omit<Look, 'at'>

export interface OpenLooks extends AsyncDisposable {
  readonly resting: readonly RestingReport[]
  readonly unreadable: readonly UnreadReport[]
}

export interface UnreadReport {
  readonly taskId: string
  readonly error: unknown
}

export interface LatestLooks {
  /** Throws {@link StoreUnusable} when what is on disk changes faster than it can be read. */
  open(scans: readonly NamedScan[]): Promise<OpenLooks>
  /** Deletes the index if it has anything of this report: what was deleted is to be gone. */
  forget(taskId: string): Promise<void>
  /** Deletes the index. */
  spoil(): Promise<void>
}

/** A draft that nothing was written to for so long belongs to a process that died. */
const DRAFT_MS_MAX = 60 * 60 * 1000
/** Reports that are looked up at a time. */
const AT_ONCE = 32
/** Others may write the index between our writing and our reading it. */
const TRIES_MAX = 3

type Shelf = Pick<ReportShelf, 'head' | 'stamp' | 'use' | 'part'>

export function makeLatestLooks(dataDir: string, shelf: Shelf, log: Log): LatestLooks {
  const path = latestPath(dataDir)
  const spoil = (): Promise<void> => rm(path, { recursive: true, force: true })
  const held = async (): Promise<LatestFile | undefined> => {
    try {
      return await openLatest(path)
    } catch (error) {
      if (!(error instanceof StoreUnusable)) throw error
      log.warn('making the index of the latest looks anew', { why: error.message })
      return undefined
    }
  }
  /** One at a time in this process: whoever comes meanwhile finds it made. */
  let making: Promise<void> = Promise.resolve()
  const make = (sources: readonly IndexedReport[]): Promise<void> => {
    const made = making.then(async () => {
      const before = await held()
      try {
        if (before === undefined || !areSame(before.sources, sources)) await write(path, sources, before, shelf)
      } finally {
        await before?.close()
      }
    })
    making = made.catch(() => {})
    return made
  }
  return {
    spoil,
    async open(scans) {
      for (let tried = 0; tried < TRIES_MAX; tried++) {
        const file = await held()
        let keep = false
        try {
          const { sources, unreadable } = await sourcesOf(scans, file?.sources ?? [], shelf)
          if (file && areSame(file.sources, sources)) {
            keep = true
            return { resting: restingIn(file, scans, shelf), unreadable, [Symbol.asyncDispose]: () => file.close() }
          }
          await make(sources)
        } finally {
          if (!keep) await file?.close()
        }
      }
      throw new StoreUnusable('the reports change while they are read')
    },
    async forget(taskId) {
      // What cannot be read may have it.
      const file = await held().catch(() => undefined)
      if (!file) return spoil()
      await file.close()
      if (file.parts.some(({ source }) => file.sources[source]?.task_id === taskId)) await spoil()
    },
  }
}

const areSame = (some: readonly IndexedReport[], others: readonly IndexedReport[]): boolean =>
  some.length === others.length &&
  some.every(({ task_id: id, stamp }, at) => others[at]?.task_id === id && others[at].stamp === stamp)

/** The reports of these scans as they are now, the oldest first. What is known of a report in this state is not read again. */
async function sourcesOf(scans: readonly NamedScan[], known: readonly IndexedReport[], shelf: Shelf) {
  const before = new Map(known.map((source) => [source.task_id, source]))
  const found: IndexedReport[] = []
  const unreadable: UnreadReport[] = []
  for (let from = 0; from < scans.length; from += AT_ONCE) {
    const some = scans
      .slice(from, from + AT_ONCE)
      .map(async ({ task_id: id }): Promise<IndexedReport | UnreadReport> => {
        try {
          const source = before.get(id)
          if (source !== undefined && source.stamp === (await shelf.stamp(id))) return source
          const { at, stamp } = await shelf.head(id)
          return { task_id: id, stamp, at }
        } catch (error) {
          return { taskId: id, error }
        }
      })
    for (const each of await Promise.all(some)) {
      if ('error' in each) unreadable.push(each)
      else found.push(each)
    }
  }
  return { sources: byDate(found, ({ at }) => at), unreadable }
}

function restingIn(file: LatestFile, scans: readonly NamedScan[], shelf: Shelf): RestingReport[] {
  const names = new Map(scans.map((scan) => [scan.task_id, scan.scan]))
  return file.parts.map((part): RestingReport => {
    const { task_id: id, at } = file.sources[part.source]!
    return {
      look: { task_id: id, scan: names.get(id) ?? id, at },
      use: async (ask) => {
        const { report, identity } = await shelf.part(id, file.id, async () => ({
          store: await file.store(part),
          identity: identityIn(await file.hosts(part)),
        }))
        return ask(report, identity)
      },
    }
  })
}

const identityIn = ({ keys, names, counts }: PartHosts): LookIdentity => ({
  key: (host) => keys[host] ?? host,
  name: (host) => names[host] ?? '',
  counts: (host) => counts[host] === 1,
  tells: () => true,
  any: true,
  telling: keys.length,
  isAlone: true,
})

async function write(path: string, sources: readonly IndexedReport[], before: LatestFile | undefined, shelf: Shelf) {
  const { identities, soFar } = await identify(sources, before, shelf)
  const draft = await draftLatest(path, sources)
  try {
    for (const [source, identity] of identities.entries()) {
      if (identity.any) await addPart(draft, { source, identity, sources, before, shelf })
    }
    await draft.commit(soFar)
  } finally {
    await draft.discard()
  }
  await removeDrafts(path)
}

/** Whose look at each host counts: gone on with from the index before, where all of its reports are still the oldest ones. */
async function identify(sources: readonly IndexedReport[], before: LatestFile | undefined, shelf: Shelf) {
  const goesOn = before !== undefined && areSame(before.sources, sources.slice(0, before.sources.length))
  const fold = makeLookFold(goesOn ? await before.soFar() : undefined)
  const read = fold.soFar.reports
  const owns = await foldIn(
    fold,
    sources.slice(read).map(
      ({ task_id: id }) =>
        async () =>
          (await shelf.head(id)).hosts,
    ),
  )
  const identities: LookIdentity[] = sources.map(() => LOOKED_AT_AGAIN)
  for (const part of goesOn ? before.parts : []) {
    identities[part.source] = lookIdentity(fold, ownOf(await before!.hosts(part)), { at: part.source, latest: true })
  }
  for (const [at, own] of owns.entries())
    identities[read + at] = lookIdentity(fold, own, { at: read + at, latest: true })
  return { identities, soFar: fold.soFar }
}

/** The identities of the hosts that a part has; of the report's other hosts, later reports say everything. */
function ownOf({ kept, keys }: PartHosts): Uint32Array {
  const own = new Uint32Array(kept.reduce((end, host) => Math.max(end, host + 1), 0)).fill(NOBODY)
  for (const [at, host] of kept.entries()) own[host] = keys[at]!
  return own
}

/** Whoever died while it wrote left its draft behind. By the file system's own clock: those of others that are at work stay. */
async function removeDrafts(path: string): Promise<void> {
  const { mtimeMs } = await stat(path)
  const drafts = (await readdir(dirname(path))).filter((name) => name.startsWith(`${basename(path)}.`))
  await removeOldFiles(dirname(path), new Date(mtimeMs - DRAFT_MS_MAX), drafts)
}

interface Making {
  readonly source: number
  readonly identity: LookIdentity
  readonly sources: readonly IndexedReport[]
  readonly before: LatestFile | undefined
  readonly shelf: Shelf
}

async function addPart(draft: LatestDraft, { source, identity, sources, before, shelf }: Making): Promise<void> {
  const { task_id: id, stamp } = sources[source]!
  const hostsOf = (kept: readonly number[]): PartHosts => ({
    kept: [...kept],
    keys: kept.map((host) => Number(identity.key(host))),
    names: kept.map((host) => identity.name?.(host) ?? ''),
    counts: kept.map((host) => (identity.counts(host) ? 1 : 0)),
  })
  const old = before?.parts.find((part) => {
    const known = before.sources[part.source]
    return known?.task_id === id && known.stamp === stamp
  })
  if (before && old) {
    const { kept: had } = await before.hosts(old)
    const kept = had.filter((host) => identity.tells(host))
    // Hosts come back where a newer report was deleted: then the part has not got them.
    const isWhole = kept.length === identity.telling
    if (isWhole && kept.length === had.length) return draft.add(source, await before.raw(old), hostsOf(kept))
    if (isWhole) {
      const places = had.flatMap((host, at) => (identity.tells(host) ? [at] : []))
      return draft.add(source, someHosts(await before.store(old), places), hostsOf(kept))
    }
  }
  await shelf.use(id, ({ store }) => {
    const kept = store.hosts.flatMap((_, host) => (identity.tells(host) ? [host] : []))
    return draft.add(source, someHosts(store, kept), hostsOf(kept))
  })
}
