/** No argument of any tool nests nearly so deep; what does would exhaust the stack of whoever walks it. */
export const JSON_DEPTH_MAX = 32
/** Nor holds so many values: looking at each of them, as everybody does who checks or copies them, would take too long. */
export const JSON_VALUES_MAX = 100_000

export interface JsonLimits {
  readonly depthMax?: number
  readonly valuesMax?: number
}

/** Whether `value`, as JSON.parse gives it, nests too deep or holds too many values. Looks level by level, so its own stack stays flat. */
export function isUnwieldy(
  value: unknown,
  { depthMax = JSON_DEPTH_MAX, valuesMax = JSON_VALUES_MAX }: JsonLimits = {},
) {
  let level = [value].filter(isContainer)
  let values = 0
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= depthMax) return true
    const below: object[] = []
    for (const container of level) {
      const fields: unknown[] = Object.values(container)
      values += fields.length
      if (values > valuesMax) return true
      for (const field of fields) if (isContainer(field)) below.push(field)
    }
    level = below
  }
  return false
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
