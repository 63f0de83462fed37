/** A worker of the plainest kind: pulls, settles, and takes over what lapsed, until it is stopped. */
import type { Delivery, SettleResult } from '../../lib/bus/bus.ts'
import type { RedisBus } from '../../lib/bus/redis/redis-bus.ts'
import { nothing } from './bus-events.ts'

export interface Consumption {
  /** Event ids whose settle was answered with `settled`. */
  readonly settled: string[]
  readonly results: SettleResult[]
  /** Failures of a pull, claim or settle that the loop lived through. */
  readonly failures: unknown[]
  stop(): Promise<void>
}

export function consume(
  bus: RedisBus,
  functionName: string,
  handle: (delivery: Delivery) => Promise<void> = async () => {},
): Consumption {
  const settled: string[] = []
  const results: SettleResult[] = []
  const failures: unknown[] = []
  let stopped = false
  const free = new Map([[functionName, 10]])
  const run = async (delivery: Delivery) => {
    await handle(delivery)
    const result = await bus.settle(delivery, nothing)
    results.push(result)
    if (result === 'settled') settled.push(delivery.event!.id)
  }
  const turn = async () => {
    const { released, suspects } = bus.lapsed()
    const claimed = released || suspects ? await bus.claim(free, suspects) : []
    const deliveries = claimed.length > 0 ? claimed : await bus.pull(free)
    await Promise.all(deliveries.map(run))
  }
  const looping = (async () => {
    while (!stopped) await turn().catch((error: unknown) => failures.push(error))
  })()
  return {
    settled,
    results,
    failures,
    async stop() {
      stopped = true
      bus.wake()
      await looping
    },
  }
}
