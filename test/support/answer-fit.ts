/** Holds what a tool answers against what it promises: every field that it carries is named, at every depth, and of the type that is listed. */
import type * as v from 'valibot'
import * as valibot from 'valibot'
import { tools } from '../../functions/index.ts'
import { shortOutput } from '../../lib/gateway/mcp/listed-tool.ts'
import { toolSchemas } from '../../lib/gateway/tool-schemas.ts'
import type { ToolDefinition } from '../../lib/runtime/tool.ts'

interface AnySchema {
  readonly type: string
  readonly entries?: Readonly<Record<string, AnySchema>>
  readonly wrapped?: AnySchema
  readonly item?: AnySchema
  readonly options?: readonly AnySchema[]
}

/** Throws when the answer of a tool of ours is not what it promised. */
export function keepsPromise(name: string, answer: unknown): void {
  const tool = tools.find((each) => each.name === name)
  const problems = tool ? misfits(tool, answer) : []
  if (problems.length > 0) throw new Error(problems.join('\n'))
}

/** Why `answer` is not what `tool` promised; empty when it is. */
export function misfits(tool: ToolDefinition, answer: unknown): string[] {
  if (tool.output === undefined) return []
  const whole = valibot.safeParse(tool.output, answer)
  const problems = whole.success ? [] : whole.issues.map((issue) => `${valibot.getDotPath(issue)}: ${issue.message}`)
  return [...problems, ...unnamed(tool.output, answer), ...unlisted(tool, answer)].map((what) => `${tool.name} ${what}`)
}

/** Fields of `value` that its schema does not name. */
export function unnamed(schema: v.GenericSchema, value: unknown, path = ''): string[] {
  const { type, entries, wrapped, item, options } = schema as unknown as AnySchema
  const deeper = (inner: AnySchema, part: unknown, at: string) => unnamed(inner as unknown as v.GenericSchema, part, at)
  if (value === null || value === undefined) return []
  if (wrapped) return deeper(wrapped, value, path)
  if (item && Array.isArray(value)) return value.flatMap((each) => deeper(item, each, `${path}[]`))
  if (options && type === 'union') {
    const each = options.map((option) => deeper(option, value, path))
    return each.toSorted((a, b) => a.length - b.length)[0] ?? []
  }
  if (!entries || type === 'loose_object' || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, part]) => {
    const inner = entries[name]
    return inner ? deeper(inner, part, `${path}.${name}`) : [`${path}.${name} is not named in its output schema`]
  })
}

function unlisted(tool: ToolDefinition, answer: unknown): string[] {
  const { properties } = shortOutput(toolSchemas(tool).output ?? {}) as {
    properties: Record<string, { type?: string | string[] }>
  }
  return Object.entries(answer as object).flatMap(([name, value]) => {
    const { type } = properties[name] ?? {}
    const given = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
    return type === undefined || [type].flat().includes(given)
      ? []
      : [`${name} is listed as ${[type].flat().join(' or ')}, got ${given}`]
  })
}
