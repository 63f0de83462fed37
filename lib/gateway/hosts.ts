/** Whether any worker serves a tool, by what workers say of themselves in Redis. */
import type { Bus } from '../bus/bus.ts'
import { HOST_GONE_MS } from '../bus/hosting.ts'

/** How long a positive answer is believed. */
const BELIEVED_MS = 1000

export interface Hosts {
  /** A negative answer is always fresh. `fresh` asks again in any case. */
  serves(tool: string, options?: { fresh?: boolean }): Promise<boolean>
}

export function makeHosts(bus: Bus): Hosts {
  const believedUntilMs = new Map<string, number>()
  const asking = new Map<string, Promise<boolean>>()
  const ask = async (tool: string) => {
    // Asked first: the answer brings the server's clock with it on a new connection.
    const [latest] = await bus.keyspace.ranked(bus.keys.hosting(tool), -1, -1)
    const serves = latest !== undefined && latest.score >= bus.now().getTime() - HOST_GONE_MS
    if (serves) believedUntilMs.set(tool, performance.now() + BELIEVED_MS)
    else believedUntilMs.delete(tool)
    return serves
  }
  return {
    serves(tool, { fresh = false } = {}) {
      if (!fresh && (believedUntilMs.get(tool) ?? 0) > performance.now()) return Promise.resolve(true)
      const under = asking.get(tool) ?? ask(tool).finally(() => asking.delete(tool))
      asking.set(tool, under)
      return under
    },
  }
}
