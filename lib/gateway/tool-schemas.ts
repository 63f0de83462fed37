/** The tools' schemas as JSON Schema, converted once at start: a schema that cannot be shown fails the start, not a listing. */
import { toJsonSchema } from '@valibot/to-json-schema'
import type * as v from 'valibot'
import type { ToolDefinition } from '../runtime/tool.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

export interface ToolSchemas {
  readonly input: JsonSchema
  /** Absent for tools that answer text. */
  readonly output: JsonSchema | undefined
}

/** Checks and changes of values that JSON Schema cannot say, and need not: the tool makes them. */
const IGNORED = [
  'trim',
  'check',
  'to_lower_case',
  'to_upper_case',
  'raw_check',
  'partial_check',
  'transform',
  'raw_transform',
  'check_items',
  'every_item',
  'brand',
  'readonly',
]

export function toolSchemas(tool: Pick<ToolDefinition, 'name' | 'arguments' | 'shown' | 'output'>): ToolSchemas {
  return {
    input: objectSchema(tool.shown ?? tool.arguments, 'input', `arguments of ${tool.name}`),
    output: tool.output && objectSchema(tool.output, 'output', `output of ${tool.name}`),
  }
}

/** Throws when the schema cannot be converted, or is not a plain object at its root, which models' interfaces demand. */
export function objectSchema(schema: v.GenericSchema, typeMode: 'input' | 'output', what: string): JsonSchema {
  const options = { target: 'draft-2020-12', errorMode: 'throw', ignoreActions: IGNORED } as const
  let json: JsonSchema
  try {
    json = plain(toJsonSchema(schema, { ...options, typeMode })) as JsonSchema
  } catch (cause) {
    throw new Error(`${what}: the schema has no form in JSON Schema`, { cause })
  }
  if (json['type'] !== 'object') throw new Error(`${what}: expected an object at the root, got ${String(json['type'])}`)
  return json
}

/** Words of JSON Schema that some models' interfaces refuse, and that say nothing here: names in JSON are text anyhow. */
const LEFT_OUT = new Set(['$schema', 'propertyNames'])

/**
 * Leaves {@link LEFT_OUT} out, and says `true` where anything may follow: some clients take the empty object in its
 * place for a mistake. Only where words stand: below `properties` stand names, which are anybody's.
 */
function plain(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(plain)
  if (typeof schema !== 'object' || schema === null) return schema
  const isOpen = (word: string, value: unknown) =>
    word === 'additionalProperties' && typeof value === 'object' && value !== null && Object.keys(value).length === 0
  const entries = Object.entries(schema).filter(([word]) => !LEFT_OUT.has(word))
  return Object.fromEntries(
    entries.map(([word, value]) => {
      if (isOpen(word, value)) return [word, true]
      if (word === 'properties') return [word, mapValues(value as object, plain)]
      return [word, VALUES.has(word) ? value : plain(value)]
    }),
  )
}

/** Words that hold values of the caller, not schemas. */
const VALUES = new Set(['enum', 'const', 'default', 'examples', 'required'])

const mapValues = (object: object, change: (value: unknown) => unknown) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]))
