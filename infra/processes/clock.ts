/**
 * Posts the events that upkeep functions run on. Every worker does; the event's
 * id names its period, and an id is posted once, so that each period has one.
 */
import type { Log } from '../../lib/base/log.ts'
import type { Bus, Post } from '../../lib/bus/bus.ts'
import { newEvent } from '../../lib/bus/event.ts'
import { postsTo, type Routes } from '../../lib/runtime/routes.ts'

const TICK_MS = 15_000
const SWEEP_EVERY_MS = 60_000
const PROBE_EVERY_MS = 30_000
const ADOPT_EVERY_MS = 60_000

/** Starts posting; returns what ends it. */
export function startUpkeepClock(options: { bus: Bus; routes: Routes; expireEveryMs: number; log: Log }): () => void {
  const { bus, routes, expireEveryMs, log } = options
  const tick = () => {
    const due = [
      ...duePosts('sweep.due', SWEEP_EVERY_MS, bus.now(), routes),
      ...duePosts('probe.due', PROBE_EVERY_MS, bus.now(), routes),
      ...duePosts('adopt.due', ADOPT_EVERY_MS, bus.now(), routes),
      ...duePosts('expire.due', expireEveryMs, bus.now(), routes),
    ]
    bus.publish(due).catch((error: unknown) => log.debug('upkeep will be posted later', { error: String(error) }))
  }
  const timer = setInterval(tick, Math.min(TICK_MS, expireEveryMs)).unref()
  tick()
  return () => clearInterval(timer)
}

function duePosts(type: string, everyMs: number, now: Date, routes: Routes): Post[] {
  const event = newEvent({
    id: `${type}-${everyMs}-${Math.floor(now.getTime() / everyMs)}`,
    type,
    source: 'clock',
    now,
    data: {},
  })
  return postsTo(routes, event)
}
