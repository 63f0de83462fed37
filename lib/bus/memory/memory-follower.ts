/** Follows streams of a {@link MemoryKeyspace}, as lib/bus/redis/stream-follower.ts does those of a server. */
import type { Log } from '../../base/log.ts'
import type { Followed, Follower } from '../follow.ts'
import { isLater, type MemoryKeyspace } from './memory-keyspace.ts'

export function followInMemory(keyspace: MemoryKeyspace, streams: readonly Followed[], log: Log): Follower {
  const places = new Map<string, string>()
  for (const { key, from } of streams) {
    places.set(key, (from === 'now' ? keyspace.stream(key).at(-1)?.id : undefined) ?? '0-0')
  }
  let closed = false
  let isDue = false
  const tellAll = () => {
    isDue = false
    for (const { key, hear, drop } of streams) {
      for (const { id, fields } of keyspace.stream(key).filter((entry) => isLater(entry.id, places.get(key)!))) {
        if (closed) return
        places.set(key, id)
        try {
          hear(fields, id)
        } catch (error) {
          log.error('a listener failed', { stream: key, error })
        }
        if (drop) keyspace.apply(['XDEL', key, id])
      }
    }
  }
  /** Never within the transaction that appended. */
  const soon = () => {
    if (isDue) return
    isDue = true
    queueMicrotask(tellAll)
  }
  const ignore = keyspace.onAppend(soon)
  soon()
  return {
    ready: Promise.resolve(),
    close() {
      closed = true
      ignore()
    },
  }
}
