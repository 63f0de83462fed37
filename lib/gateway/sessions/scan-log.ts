/** The public log as a stream of notices that can be taken up again after a break. */
import type { Bus } from '../../bus/bus.ts'
import { readNews } from '../changes.ts'
import { noticesOf, type ScanNotice } from '../mcp/announce-changes.ts'

/** More entries than this are not gone through one by one. */
const MISSED_MAX = 2000
/** Before all entries. */
export const BEGINNING = '0-0'

export interface ScanLog {
  /** The place of the newest entry; {@link BEGINNING} when there is none. */
  end(): Promise<string>
  /** What was announced after `place`, each notice once; `undefined` when that cannot be told any more. */
  noticesAfter(place: string): Promise<readonly ScanNotice[] | undefined>
}

export function makeScanLog(bus: Pick<Bus, 'keyspace' | 'keys'>): ScanLog {
  const { keyspace, keys } = bus
  return {
    end: async () => (await keyspace.newest(keys.log))?.id ?? BEGINNING,

    async noticesAfter(place) {
      const entries = await keyspace.entries(keys.log, place, MISSED_MAX + 1)
      // The log is bounded: unless the place itself is still there, what followed it may be gone as well.
      if (entries[0]?.id !== place || entries.length > MISSED_MAX) return undefined
      const notices = entries.slice(1).flatMap(({ fields }) => {
        const news = readNews(fields)
        return news ? noticesOf(news) : []
      })
      return [...new Map(notices.map((notice) => [JSON.stringify(notice), notice])).values()]
    },
  }
}
