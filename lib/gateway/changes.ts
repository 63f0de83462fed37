/** What the public log says of scans, handed to whoever listens in this process: progress, resource updates, the console. */

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
}

type Listener = (news: ScanNews) => void

export interface Changes {
  /** Hears of one scan, or of all with `*`; returns what ends it. */
  subscribe(task: string, listener: Listener): () => void
  /** Takes an entry of the log; one that is not about a scan is passed over. */
  readonly hear: (fields: Readonly<Record<string, string>>) => void
}

export const EVERY_SCAN = '*'

export function makeChanges(): Changes {
  const listeners = new Map<string, Set<Listener>>()
  return {
    subscribe(task, listener) {
      const own = listeners.get(task) ?? new Set()
      listeners.set(task, own.add(listener))
      return () => {
        own.delete(listener)
        if (own.size === 0 && listeners.get(task) === own) listeners.delete(task)
      }
    },

    hear(fields) {
      const news = readNews(fields)
      if (!news) return
      for (const key of [news.task, EVERY_SCAN]) {
        for (const listener of listeners.get(key) ?? []) listener(news)
      }
    },
  }
}

function readNews(fields: Readonly<Record<string, string>>): ScanNews | undefined {
  const { task, status, step = '', pool = '' } = fields
  if (!task || !status) return undefined
  const progress = fields['progress'] ? Number(fields['progress']) : undefined
  return { task, status, step, pool, progress, revision: Number(fields['revision'] ?? 0) }
}
