/** The tools as a model's interface sees them: plain schemas, every argument described, sizes that fit. */
import { describe, expect, test } from 'vitest'
import { tools } from '../../functions/index.ts'
import { INSTRUCTIONS } from '../../lib/gateway/mcp/server-info.ts'
import { toolSchemas, type JsonSchema } from '../../lib/gateway/tool-schemas.ts'

const DESCRIPTION_CHARS_MAX = 1500
const INSTRUCTIONS_CHARS_MAX = 2048
const UNPORTABLE = ['$ref', '$defs', 'definitions', 'oneOf', 'allOf', 'not', 'patternProperties']

/** Every schema inside a schema, with its path; the names of properties are not mistaken for keywords. */
function* within(schema: JsonSchema, path = '$'): Generator<[path: string, schema: JsonSchema]> {
  yield [path, schema]
  const {
    properties = {},
    items,
    anyOf = [],
    additionalProperties,
  } = schema as {
    properties?: Record<string, JsonSchema>
    items?: JsonSchema
    anyOf?: JsonSchema[]
    additionalProperties?: JsonSchema | boolean
  }
  for (const [name, each] of Object.entries(properties)) yield* within(each, `${path}.${name}`)
  for (const each of anyOf) yield* within(each, `${path}|`)
  if (items) yield* within(items, `${path}[]`)
  if (typeof additionalProperties === 'object') yield* within(additionalProperties, `${path}{}`)
}

describe.each(tools.map((tool) => [tool.name, tool] as const))('%s', (_name, tool) => {
  const { input, output } = toolSchemas(tool)

  test('takes a plain object, and describes every argument', () => {
    expect(input).toMatchObject({ type: 'object' })
    expect(input).not.toHaveProperty('anyOf')
    const properties = Object.entries((input['properties'] ?? {}) as Record<string, { description?: string }>)
    const undescribed = properties.filter(([, { description = '' }]) => description.length < 5).map(([name]) => name)
    expect(undescribed).toEqual([])
  })

  test('uses only what every client understands', () => {
    const surprises = [input, ...(output ? [output] : [])].flatMap((schema) =>
      [...within(schema)].flatMap(([path, each]) =>
        UNPORTABLE.filter((word) => word in each).map((word) => `${path} ${word}`),
      ),
    )
    expect(surprises).toEqual([])
  })

  test('has a title, a description that clients do not cut, and all annotations', () => {
    expect(tool.title).not.toBe('')
    expect(tool.description.length).toBeLessThan(DESCRIPTION_CHARS_MAX)
    expect(Object.values(tool.annotations).every((hint) => typeof hint === 'boolean')).toBe(true)
    expect(tool.name).toMatch(/^[a-z_]{1,40}$/)
  })
})

test('the instructions stay small', () => {
  expect(INSTRUCTIONS.length).toBeLessThan(INSTRUCTIONS_CHARS_MAX)
})
