/** Short ways to say what the tests of the bus say often. */
import type { Bus, Delivery, Post, Settlement } from '../../lib/bus/bus.ts'
import type { BusEvent } from '../../lib/bus/event.ts'

export function event(id: string, data: unknown = {}): BusEvent {
  return { specversion: '1.0', id, type: 'test.made', source: 'test', time: '2026-01-01T00:00:00.000Z', data }
}

export function post(to: string, id: string, more: Partial<Post> = {}): Post {
  return { to, event: event(id), delayMs: 0, attempt: 1, ...more }
}

export const nothing: Settlement = { guards: [], writes: [], posts: [] }

export const ids = (deliveries: readonly Delivery[]) => deliveries.map((delivery) => delivery.event?.id)

/** Pulls until something comes. */
export async function pullSome(bus: Bus, free: Record<string, number>): Promise<Delivery[]> {
  for (let tries = 0; tries < 50; tries++) {
    const deliveries = await bus.pull(new Map(Object.entries(free)))
    if (deliveries.length > 0) return deliveries
  }
  throw new Error(`nothing came from ${Object.keys(free).join(', ')}`)
}

/** Pulls what there is now. */
export async function pullNow(bus: Bus, free: Record<string, number>): Promise<Delivery[]> {
  bus.wake()
  return bus.pull(new Map(Object.entries(free)))
}

/** Asks again until `condition` holds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, withinMs = 30_000) {
  const givenUpAt = Date.now() + withinMs
  while (!(await condition())) {
    if (Date.now() > givenUpAt) throw new Error(`gave up waiting until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
