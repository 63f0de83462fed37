/** What the public log says of scans, handed to whoever listens in this process: progress, resource updates, the console. */
import { makeListeners } from './listeners.ts'

/** A change of a scan, as it stands on the log. */
export interface ScanNews {
  readonly task: string
  readonly revision: number
  /** A status of the scan, or `deleted`. */
  readonly status: string
  readonly step: string
  /** 0 to 100; absent before the scanner said so. */
  readonly progress: number | undefined
  readonly pool: string
  /** Differs when something beside status, step and progress changed that a person would call news; '' from versions before it. */
  readonly attention: string
}

/** `place` is the id of the entry of the log. */
type Listener = (news: ScanNews, place: string) => void

export interface Changes {
  /** Hears of one scan, or of all with `*`; returns what ends it. */
  subscribe(task: string, listener: Listener): () => void
  /** Takes an entry of the log; one that is not about a scan is passed over. */
  readonly hear: (fields: Readonly<Record<string, string>>, place?: string) => void
}

export const EVERY_SCAN = '*'

export function makeChanges(): Changes {
  const listeners = makeListeners<{ readonly news: ScanNews; readonly place: string }>()
  return {
    subscribe: (task, listener) => listeners.add(task, ({ news, place }) => listener(news, place)),

    hear(fields, place = '') {
      const news = readNews(fields)
      if (!news) return
      for (const key of [news.task, EVERY_SCAN]) listeners.tell(key, { news, place })
    },
  }
}

/** What an entry of the log says; `undefined` when it is not about a scan. */
export function readNews(fields: Readonly<Record<string, string>>): ScanNews | undefined {
  const { task, status, step = '', pool = '', attention = '' } = fields
  if (!task || !status) return undefined
  const progress = fields['progress'] ? Number(fields['progress']) : undefined
  return { task, status, step, pool, attention, progress, revision: Number(fields['revision'] ?? 0) }
}
