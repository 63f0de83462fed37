import assert from 'node:assert/strict'
import type { Post } from '../bus/bus.ts'
import type { BusEvent } from '../bus/event.ts'
import type { AnyFunction } from './function.ts'

/** Event type to the names of the functions that consume it. */
export type Routes = ReadonlyMap<string, readonly string[]>

/** Builds the routing table from what each function says it consumes. */
export function makeRoutes(functions: readonly Pick<AnyFunction, 'name' | 'consumes'>[]): Routes {
  const routes = new Map<string, string[]>()
  for (const { name, consumes } of functions) {
    for (const type of consumes) routes.set(type, [...(routes.get(type) ?? []), name])
  }
  return routes
}

/** `event` on its way to all that consume its type. An event that nobody reads is a bug. */
export function postsTo(routes: Routes, event: BusEvent, delayMs = 0): Post[] {
  return consumersOf(routes, event.type).map((to) => ({ to, event, delayMs, attempt: 1 }))
}

function consumersOf(routes: Routes, type: string): readonly string[] {
  const consumers = routes.get(type)
  assert(consumers, `nobody consumes ${type}`)
  return consumers
}
