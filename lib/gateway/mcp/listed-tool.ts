/**
 * What `tools/list` shows of a tool. Models read the list before each conversation, so it holds what choosing and calling a tool
 * needs: name, words, arguments, and of the answer the names and types of its own fields. The schemas as they are stand in `/openapi.json`.
 */
import type { Tool } from '@modelcontextprotocol/server'
import type { ToolDefinition } from '../../runtime/tool.ts'
import type { Scope } from '../../runtime/nature.ts'
import { isOlderName, LISTED_WITH, type Toolset, TOOLSETS_UNASKED } from '../../runtime/toolset.ts'
import { type JsonSchema, toolSchemas, type ToolSchemas } from '../tool-schemas.ts'

export interface ToolListing {
  /** Of the toolsets asked for, what the token allows. */
  tools(asked: { readonly scopes: readonly Scope[]; readonly toolsets: ReadonlySet<Toolset> }): Tool[]
}

/** Each made once: a list is asked for by every client, in every conversation. */
export function makeToolListing(tools: readonly ToolDefinition[]): ToolListing {
  const made = new Map<string, readonly { readonly tool: ToolDefinition; readonly entry: Tool }[]>()
  const listed = (toolsets: ReadonlySet<Toolset>) => {
    const key = [...toolsets].toSorted().join(',')
    const entries = made.get(key) ?? tools.map((tool) => ({ tool, entry: listedTool(tool, toolsets) }))
    made.set(key, entries)
    return entries
  }
  listed(TOOLSETS_UNASKED)
  return {
    tools: ({ scopes, toolsets }) =>
      listed(toolsets).flatMap(({ tool, entry }) =>
        toolsets.has(tool.toolset) && scopes.includes(tool.scope) ? [entry] : [],
      ),
  }
}

/** With the older names of its arguments too, for clients that ask for older tools, and with those that belong to another toolset asked for. */
function listedTool(tool: ToolDefinition, toolsets: ReadonlySet<Toolset>): Tool {
  const { input, output }: ToolSchemas = toolSchemas(tool)
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: shortInput(input, toolsets) as Tool['inputSchema'],
    ...(output === undefined ? {} : { outputSchema: shortOutput(output) as NonNullable<Tool['outputSchema']> }),
    annotations: { ...tool.annotations },
  }
}

/** What a call does without: its absence is told by an error that says what was expected, or by an answer that says what was taken. */
const LEFT_OUT = new Set(['minLength', 'maxLength', 'maxItems', 'pattern', 'default'])
/** Bounds that no caller comes near. */
const isFar = (word: string, value: unknown) =>
  (word === 'minimum' && (value === 0 || value === 1)) || (word === 'maximum' && Number(value) > 100_000)

function shortInput(input: JsonSchema, toolsets: ReadonlySet<Toolset>): JsonSchema {
  const older = toolsets.has('older')
  const properties = Object.entries(propertiesOf(input))
    .filter(([name]) => !Object.hasOwn(LISTED_WITH, name) || toolsets.has(LISTED_WITH[name]!))
    .filter(([, schema]) => older || (!isOlderName(schema['description']) && hasChoice(schema)))
    .map(([name, schema]) => [name, oneLine(schema)] as const)
  const { required = [] } = input as { required?: readonly string[] }
  return { type: 'object', properties: Object.fromEntries(properties), ...(required.length > 0 && { required }) }
}

/** An argument's type, its bounds, and the first sentence of what is said of it. */
function oneLine(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(oneLine)
  if (typeof schema !== 'object' || schema === null) return schema
  const entries = Object.entries(schema as JsonSchema).filter(([word, value]) => {
    const isOpen = word === 'additionalProperties' && value === true
    return !LEFT_OUT.has(word) && !isFar(word, value) && !isOpen
  })
  return Object.fromEntries(
    entries.map(([word, value]) => [word, word === 'description' ? firstSentence(value) : oneLine(value)]),
  )
}

/** An argument that takes one value alone is there for later. */
const hasChoice = (schema: JsonSchema) => (schema as Words).enum?.length !== 1

const firstSentence = (text: unknown) => /^.*?\.(?=\s|$)/s.exec(String(text))?.[0] ?? text

/** Any answer may have it, as the server's instructions say. */
const OF_ANY_ANSWER = 'untrusted_text'

/** Accepts whatever the whole schema accepts: clients hold answers against what was listed. */
export function shortOutput(output: JsonSchema): JsonSchema {
  const own = Object.entries(propertiesOf(output)).filter(
    ([name, { description }]) => name !== OF_ANY_ANSWER && !isOlderName(description),
  )
  const properties = own.map(([name, schema]) => {
    const types = typesOf(schema)
    return [name, types === undefined ? {} : { type: types.length === 1 ? types[0] : types }] as const
  })
  return { type: 'object', properties: Object.fromEntries(properties) }
}

/** The types that a schema lets through; `undefined` when it does not say. */
function typesOf(schema: JsonSchema): readonly string[] | undefined {
  const { type, anyOf, enum: values, const: value } = schema as Words
  if (typeof type === 'string') return [type]
  if (anyOf !== undefined) {
    const each = anyOf.map(typesOf)
    return each.includes(undefined) ? undefined : [...new Set(each.flatMap((types) => types ?? []))]
  }
  const given = values ?? (value === undefined ? undefined : [value])
  return given && [...new Set(given.map((one) => (one === null ? 'null' : typeof one)))]
}

interface Words {
  readonly type?: string
  readonly anyOf?: readonly JsonSchema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
}

const propertiesOf = ({ properties = {} }: JsonSchema) => properties as Readonly<Record<string, JsonSchema>>
