/** The name of a scan of ours at its scanner: `<name> [<marker>]`, the marker being the task id. */

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
