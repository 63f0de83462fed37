/**
 * Reads a call's arguments the way clients write them, by the tool's own schema, before anything is made of them:
 *
 *   1. Absent, null and "" are one thing for an argument of a tool.
 *   2. Text is read where the schema asks for something else: "2" as a number, "true" as a boolean, JSON as an object or a
 *      list, words with commas as a list of texts.
 *   3. A tool without arguments ignores what it is given: some clients cannot call one without a made-up argument.
 *
 * Nothing else changes. What a free-form object holds (the conditions in `filters`, null among them) is the caller's own.
 * What cannot be read stays as it came, for the check behind to name it. Reading twice changes nothing.
 */
import * as v from 'valibot'

type Schema = v.GenericSchema & {
  readonly wrapped?: Schema
  readonly entries?: Readonly<Record<string, Schema>>
  readonly item?: Schema
  readonly options?: readonly unknown[]
}

/** As JSON writes numbers; a fraction may lack its whole part. */
const NUMBER = /^[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:e[+-]?\d{1,3})?$/i
/** What some clients write for "none" where no text is wanted. */
const NONE = new Set(['', 'null', 'none', 'undefined'])

export function readArguments(
  schema: v.ObjectSchema<v.ObjectEntries, undefined>,
  args: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const entries = schema.entries as Readonly<Record<string, Schema>>
  return Object.keys(entries).length === 0 ? {} : readFields(entries, args)
}

/** Names that are not the schema's stay, to be refused by name. */
function readFields(entries: Readonly<Record<string, Schema>>, given: object): Record<string, unknown> {
  const fields = Object.entries(given).flatMap(([name, value]): [string, unknown][] => {
    const schema = Object.hasOwn(entries, name) ? entries[name] : undefined
    if (!schema) return [[name, value]]
    const read = readValue(schema, value)
    return read === null || read === '' || read === undefined ? [] : [[name, read]]
  })
  return Object.fromEntries(fields)
}

function readValue(schema: Schema, value: unknown): unknown {
  switch (schema.type) {
    case 'optional':
    case 'nullable':
    case 'nullish':
      return schema.wrapped ? readValue(schema.wrapped, value) : value
    case 'number':
      return typeof value === 'string' ? readWord(value, (word) => (NUMBER.test(word) ? Number(word) : value)) : value
    case 'boolean':
      return typeof value === 'string'
        ? readWord(value, (word) => (BOOLEANS.has(word) ? word === 'true' : value))
        : value
    case 'array':
      return readList(schema, value)
    case 'object':
    case 'loose_object':
    case 'strict_object': {
      const object = readJson(value, isObject)
      return isObject(object) ? readFields(schema.entries ?? {}, object) : object
    }
    case 'record':
      return readJson(value, isObject)
    case 'union':
      return readUnion(schema, value)
    default:
      return value
  }
}

const BOOLEANS = new Set(['true', 'false'])

/** `read` gets the word in lower case, without the spaces around it. */
function readWord(text: string, read: (word: string) => unknown): unknown {
  const word = text.trim().toLowerCase()
  return NONE.has(word) ? undefined : read(word)
}

function readList(schema: Schema, value: unknown): unknown {
  const { item } = schema
  const list = readJson(value, Array.isArray)
  if (Array.isArray(list)) return item ? list.map((each) => readValue(item, each)) : list
  if (typeof list !== 'string' || item?.type !== 'string' || /^[[{]/.test(list.trim())) return list
  return list
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

/** A text that is JSON of the wanted kind is read; any other value, and any other text, stays. */
function readJson(value: unknown, wanted: (value: unknown) => boolean): unknown {
  if (typeof value !== 'string') return value
  if (NONE.has(value.trim().toLowerCase())) return undefined
  try {
    const parsed: unknown = JSON.parse(value)
    return wanted(parsed) ? parsed : value
  } catch {
    return value
  }
}

/** What fits already stays, unless it is a text that reads as JSON for another of the options. */
function readUnion(schema: Schema, value: unknown): unknown {
  const options = (schema.options ?? []) as readonly Schema[]
  if (typeof value === 'string' && !/^\s*[[{]/.test(value) && v.is(schema, value)) return value
  const readings = options.filter(({ type }) => type !== 'string').map((option) => readValue(option, value))
  return readings.find((reading) => reading !== value && v.is(schema, reading)) ?? value
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
