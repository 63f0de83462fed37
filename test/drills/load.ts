/** Clients that submit scans with idempotency keys and ask for their status, without a pause between calls, and note what fails. */
import { NessusClient } from '../../lib/client/nessus-client.ts'
import type { Balancer } from './balancer.ts'

const STATUS_CALLS = 8

export interface LoadResult {
  readonly taskIds: readonly string[]
  readonly calls: number
  readonly failures: readonly string[]
}

export interface Load {
  /** Stops submitting, and resolves when every scan has ended. */
  end(): Promise<LoadResult>
}

export function startLoad({ clients, balancer }: { clients: number; balancer: Balancer }): Load {
  const taskIds: string[] = []
  const failures: string[] = []
  let calls = 0
  let ending = false
  const attempt = async <T>(what: string, call: () => Promise<T>): Promise<T | undefined> => {
    calls++
    try {
      return await call()
    } catch (error) {
      failures.push(`${what}: ${String(error)}`)
      return undefined
    }
  }
  const work = async (n: number) => {
    await using client = new NessusClient({ url: balancer.url, fetch: balancer.fetch() })
    const mine: string[] = []
    for (let scan = 0; !ending; scan++) {
      const key = `rolling-${n}-${scan}`
      const request = { targets: `192.0.2.${n}`, name: key, idempotency_key: key }
      const submitted = await attempt(`submit ${key}`, () => client.submitScan(request))
      if (submitted) mine.push(submitted.task_id)
      for (let i = 0; i < STATUS_CALLS && !ending; i++) {
        const asked = mine[(scan + i) % mine.length]
        if (asked) await attempt(`status of ${asked}`, () => client.getStatus(asked))
      }
      const waited = mine.at(-1)
      if (waited) await attempt(`wait for ${waited}`, () => client.getStatus(waited, { wait_seconds: 1 }))
    }
    for (const taskId of mine)
      await attempt(`end of ${taskId}`, () => client.waitForCompletion(taskId, { pollMs: 5000 }))
    taskIds.push(...mine)
  }
  const working = Promise.all(Array.from({ length: clients }, (_, n) => work(n)))
  return {
    async end() {
      ending = true
      await working
      return { taskIds, calls, failures }
    },
  }
}
