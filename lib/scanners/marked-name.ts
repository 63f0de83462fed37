/** The name of a scan of ours at its scanner: `<name> [<marker>]`, the marker being the task id. */

import { isTaskId } from '../facts/task-id.ts'

const NAME_CHARACTERS_MAX = 200
const ENTITIES: readonly (readonly [string, string])[] = [
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&#39;', "'"],
  ['&amp;', '&'],
]

/** Ends with the marker whatever the length, since the marker is what it is found by. */
export function markedName(name: string, marker: string): string {
  return `${name.trim().slice(0, NAME_CHARACTERS_MAX)} [${marker}]`
}

/** The task id at the end of a name, whoever's it is. */
export function markerOf(name: string): string | undefined {
  const marker = / \[([a-z0-9_-]{1,100})\]$/i.exec(name.slice(-110))?.[1]
  return marker !== undefined && isTaskId(marker) ? marker : undefined
}

export function bearsMarker(name: string, marker: string): boolean {
  return name.endsWith(` [${marker}]`)
}

/** Whether two names are one, however the scanner writes spaces and escapes. A copy bears more than the name: `Copy of …`. */
export function isSameName(one: string, other: string): boolean {
  return plain(one) === plain(other)
}

function plain(name: string): string {
  const unescaped = ENTITIES.reduce((text, [entity, character]) => text.replaceAll(entity, character), name)
  return unescaped.trim().replaceAll(/\s+/g, ' ')
}
