/** Waits for a scan's record to change, by the public log. */
import type { Services } from '../../lib/runtime/services.ts'
import type { Changes } from '../../lib/gateway/changes.ts'
import { parseRecord } from '../../lib/scans/read-record.ts'

export function makeChanged(
  changes: Changes,
  { keyspace, scanKeys }: Pick<Services, 'keyspace' | 'scanKeys'>,
): Services['changed'] {
  return async (taskId, revision, timeoutMs, signal) => {
    let done: () => void = () => {}
    const changed = new Promise<void>((resolve) => {
      done = resolve
    })
    const unsubscribe = changes.subscribe(taskId, (news) => {
      if (news.status === 'deleted' || news.revision > revision) done()
    })
    const timer = setTimeout(done, timeoutMs)
    signal.addEventListener('abort', done, { once: true })
    try {
      // It may have changed between the caller's look and the subscription.
      const now = parseRecord(taskId, await keyspace.hash(scanKeys.scan(taskId)))
      if (now?.revision === revision && !signal.aborted) await changed
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      unsubscribe()
    }
  }
}
