/**
 * The ledger: what has become of every finding, over all scans that ever were.
 * A record per scan is the truth; the lives are derived from the records, in the
 * order of the scans' own dates, whenever they are asked and other records are there.
 *
 *   LG1. A record outlives its report, and goes by {@link Ledger.takeBack} alone.
 *   LG2. The same records give the same lives, whatever the order in which they came.
 *   LG3. Any number of processes may enter, take back and ask over one data directory.
 */
import { livesPath } from '../../facts/task-folder.ts'
import type { Log } from '../../base/log.ts'
import { makePace } from '../../base/pace.ts'
import type { OpenReport } from '../query/results.ts'
import { answerQuestion, type QuestionAnswer } from '../question/answer.ts'
import type { Look } from '../question/looks.ts'
import { OF_ITSELF } from '../question/looks.ts'
import type { Question } from '../question/question.ts'
import type { ReportShelf } from '../report-shelf.ts'
import { makeByteCache } from '../store/byte-cache.ts'
import { StoreUnusable } from '../store/format.ts'
import { momentOf } from '../judge/report-dates.ts'
import { type LookRecord, RecordUnusable } from './look-record.ts'
import { makeLives } from './lives.ts'
import { type KeptLives, readLives, writeLives } from './lives-file.ts'
import { livesTable } from './lives-table.ts'
import { makeRecordFiles, type RecordFiles, type RecordName, type TakeBackOptions } from './record-files.ts'
import { recordOf } from './record-of.ts'

/** A scan, and the digest of its report. */
export interface ReportedScan {
  readonly task_id: string
  readonly name: string
  readonly sha256: string | undefined
}

export interface LivesAnswer extends QuestionAnswer {
  /** Scans that the answer rests on beside the looks that are shown. */
  readonly looks_cut: number
  readonly simulated: boolean
}

export interface Ledger {
  /** Writes the record of a scan whose report is there. Whether there was need to. */
  enter(scan: Pick<ReportedScan, 'task_id' | 'name'>): Promise<boolean>
  /** Those of `scans` that have no record. */
  notEntered(scans: readonly ReportedScan[]): Promise<readonly ReportedScan[]>
  /** Takes a scan out as if it had never been, whatever becomes of its report; whether there was a record. */
  takeBack(taskId: string, options?: TakeBackOptions): Promise<boolean>
  /** The lives over all scans that ever were. */
  ask(question: Question, now: Date): Promise<LivesAnswer>
  /** The lives over these scans alone, by their reports. */
  askOf(scans: readonly Pick<ReportedScan, 'task_id' | 'name'>[], question: Question, now: Date): Promise<LivesAnswer>
}

/** A date further ahead than any zone explains does not count before it has come. */
const AHEAD_MS_MAX = 26 * 60 * 60 * 1000
/** Records may be taken back between our listing and our reading them. */
const TRIES_MAX = 3
/** The first and the last scans that an answer rests on. */
const LOOKS_SHOWN = 4

interface Around {
  readonly ahead: readonly string[]
  readonly damaged: readonly string[]
}

interface LedgerOptions {
  readonly dataDir: string
  readonly cacheBytesMax: number
  readonly use: ReportShelf['use']
  readonly log: Log
}

export function makeLedger(options: LedgerOptions): Ledger {
  const { use, log } = options
  const files = makeRecordFiles(options.dataDir)
  const tables = makeByteCache<OpenTable>(options.cacheBytesMax)
  const fold = makeFold(files, options)
  /** One at a time in this process: whoever comes meanwhile finds it made. */
  let folding: Promise<unknown> = Promise.resolve()
  const tableAt = (records: readonly RecordName[], now: Date): Promise<OpenTable> => {
    const key = `${now.toISOString().slice(0, 10)} ${records.map(({ file }) => file).join(' ')}`
    const made = folding.then(async () => {
      const known = tables.get(key)
      if (known) return known
      const { state } = await fold(records)
      const table = { report: await livesTable(state, now, key), scans: state.tables.scans }
      tables.drop('')
      tables.set(key, table, table.report.store.bytes)
      return table
    })
    folding = made.catch(() => {})
    return made
  }
  const openTable = async (now: Date): Promise<OpenTable & Around> => {
    for (let tried = 1; ; tried++) {
      const { records, damaged } = await files.list()
      const isAhead = ({ seconds }: RecordName): boolean => seconds * 1000 > now.getTime() + AHEAD_MS_MAX
      try {
        const table = await tableAt(
          records.filter((record) => !isAhead(record)),
          now,
        )
        return { ...table, damaged, ahead: records.filter(isAhead).map(({ taskId }) => taskId) }
      } catch (error) {
        const isOther = error instanceof RecordUnusable || (error as NodeJS.ErrnoException).code === 'ENOENT'
        if (!isOther || tried === TRIES_MAX) throw error
        log.warn('a record of the ledger could not be read', { error: String(error) })
      }
    }
  }
  return {
    enter: ({ task_id, name }) =>
      use(task_id, async (report) => {
        if (await files.has(task_id, report.facts.file.sha256)) return false
        await files.write(recordOf(report, { task_id, name }))
        return true
      }),
    notEntered: (scans) => files.without(scans),
    takeBack: (taskId, how) => files.takeBack(taskId, how),
    async ask(question, now) {
      const { ahead, damaged, ...table } = await openTable(now)
      return answerOver(table, question, { ahead, damaged })
    },
    async askOf(scans, question, now) {
      const records: LookRecord[] = []
      for (const { task_id, name } of scans) {
        records.push(await use(task_id, (report) => recordOf(report, { task_id, name })))
      }
      const lives = makeLives()
      for (const record of inOrder(records)) lives.enter(record)
      const { state } = lives
      const key = `of ${records.map(({ sha256 }) => sha256).join(' ')}`
      const table = { report: await livesTable(state, now, key), scans: state.tables.scans }
      return answerOver(table, question, { ahead: [], damaged: [] })
    },
  }
}

/** The lives of these records, in this order: those that are kept, gone on with or made anew. */
function makeFold(files: RecordFiles, { dataDir, log }: LedgerOptions) {
  const path = livesPath(dataDir)
  const pace = makePace()
  const kept = async (): Promise<KeptLives | undefined> => {
    try {
      return await readLives(path)
    } catch (error) {
      if (!(error instanceof StoreUnusable)) throw error
      log.warn('making the lives of the findings anew', { why: error.message })
      return undefined
    }
  }
  return async (records: readonly RecordName[]): Promise<KeptLives> => {
    const sources = records.map(({ file }) => file)
    const before = await kept()
    // What is older than something that was entered has to go in where it belongs: all is entered anew.
    const from = before?.sources.every((file, at) => file === sources[at]) ? before : undefined
    const known = from?.sources.length ?? 0
    if (from && known === sources.length) return from
    const lives = makeLives(from?.state)
    const watch = pace.watch()
    for (const record of records.slice(known)) {
      for (const _ of lives.entering(await files.read(record))) if (watch.over()) await watch.rest()
    }
    const made = { sources, state: lives.state }
    // Without the file the next answer takes longer, and is the same.
    await writeLives(path, made).catch((error: unknown) => {
      log.warn('the lives of the findings were not kept', { error: String(error) })
    })
    return made
  }
}

interface OpenTable {
  readonly report: OpenReport
  readonly scans: readonly (Look & { readonly simulated: boolean })[]
}

async function answerOver({ report, scans }: OpenTable, question: Question, around: Around): Promise<LivesAnswer> {
  const look = { task_id: '', scan: 'ledger', at: null }
  const answer = await answerQuestion([{ look, use: async (ask) => ask(report, OF_ITSELF) }], question)
  const looks = scans.map(({ task_id, scan, at }) => ({ task_id, scan, at }))
  const shown = looks.length <= LOOKS_SHOWN ? looks : [...looks.slice(0, 1), ...looks.slice(1 - LOOKS_SHOWN)]
  const nothing = scans.length === 0 ? { cannot_say: ['no scan has been entered in the ledger yet'] } : {}
  return {
    ...nothing,
    ...answer,
    unseen: {
      ...answer.unseen,
      ...named('scans_ahead_of_their_date', around.ahead),
      ...named('scans_damaged', around.damaged),
    },
    looks: shown,
    looks_cut: looks.length - shown.length,
    simulated: scans.some(({ simulated }) => simulated),
  }
}

const NAMES_SHOWN = 10
const named = (what: string, names: readonly string[]) =>
  names.length === 0
    ? {}
    : {
        [what]: {
          count: names.length,
          names: names.slice(0, NAMES_SHOWN),
          ...(names.length > NAMES_SHOWN && { and_more: names.length - NAMES_SHOWN }),
        },
      }

/** As the files of records are ordered: by date, then by digest, then by scan; of one report, one. */
export function inOrder(records: readonly LookRecord[]): LookRecord[] {
  const seconds = ({ at }: LookRecord): number => Math.max(0, Math.floor((momentOf(at) ?? 0) / 1000))
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  const digests = new Set<string>()
  return records
    .toSorted((a, b) => seconds(a) - seconds(b) || order(a.sha256, b.sha256) || order(a.task_id, b.task_id))
    .filter(({ sha256 }) => !digests.has(sha256) && digests.add(sha256))
}
