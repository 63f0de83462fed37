/** No argument of any tool nests nearly so deep; what does would exhaust the stack of whoever walks it. */
export const JSON_DEPTH_MAX = 32

/** Whether `value`, as JSON.parse gives it, nests deeper than `depthMax`. Looks level by level, so its own stack stays flat. */
export function isDeeper(value: unknown, depthMax = JSON_DEPTH_MAX): boolean {
  let level = [value].filter(isContainer)
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= depthMax) return true
    level = level.flatMap((container) => Object.values(container).filter(isContainer))
  }
  return false
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
