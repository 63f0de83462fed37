/** JSON Schema in words that fit into a table cell, and Markdown tables of them. */
import * as v from 'valibot'
import type { JsonSchema } from '../../../lib/gateway/tool-schemas.ts'

const Node = v.looseObject({
  type: v.optional(v.string()),
  properties: v.optional(v.record(v.string(), v.unknown())),
  required: v.optional(v.array(v.string())),
  additionalProperties: v.optional(v.unknown()),
  items: v.optional(v.unknown()),
  anyOf: v.optional(v.array(v.unknown())),
  enum: v.optional(v.array(v.unknown())),
  const: v.optional(v.unknown()),
  default: v.optional(v.unknown()),
  description: v.optional(v.string()),
  pattern: v.optional(v.string()),
  minimum: v.optional(v.number()),
  maximum: v.optional(v.number()),
  minLength: v.optional(v.number()),
  maxLength: v.optional(v.number()),
})
type Node = v.InferOutput<typeof Node>

/** More do not fit into a cell. */
const NAMES_MAX = 30

export interface Field {
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly default: string
  readonly description: string
}

/** The fields of an object's schema, in their order. */
export function fieldsOf(schema: JsonSchema | undefined): Field[] {
  const { properties = {}, required = [] } = v.parse(Node, schema ?? {})
  return Object.entries(properties).map(([name, property]) => {
    const node = v.parse(Node, property)
    return {
      name,
      type: typeWords(node),
      required: required.includes(name),
      default: node.default === undefined ? '' : code(JSON.stringify(node.default)),
      description: node.description ?? '',
    }
  })
}

function typeWords(node: Node): string {
  if (node.const !== undefined) return code(JSON.stringify(node.const))
  if (node.enum) return node.enum.map((value) => code(String(value))).join(', ')
  if (node.anyOf) return node.anyOf.map((each) => typeWords(v.parse(Node, each))).join(' or ')
  if (node.pattern?.includes('[0-9a-f]{8}')) return 'task id'
  switch (node.type) {
    case 'string':
      return node.maxLength === undefined ? 'text' : `text, up to ${node.maxLength} characters`
    case 'integer':
      return `whole number${rangeWords(node)}`
    case 'number':
      return `number${rangeWords(node)}`
    case 'array':
      return `list of ${typeWords(v.parse(Node, node.items ?? {}))}`
    case 'object':
      return objectWords(node)
    case undefined:
      return 'anything'
    default:
      return node.type
  }
}

function rangeWords({ minimum, maximum }: Node): string {
  if (minimum === undefined && maximum === undefined) return ''
  if (maximum === undefined) return `, from ${minimum}`
  return minimum === undefined ? `, up to ${maximum}` : `, ${minimum} to ${maximum}`
}

function objectWords(node: Node): string {
  const names = Object.keys(node.properties ?? {})
  const shown = names.length > NAMES_MAX ? [...names.slice(0, NAMES_MAX), '…'] : names
  return names.length === 0 ? 'object' : `object {${shown.join(', ')}}`
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)]
}

export function code(text: string): string {
  return `\`${text}\``
}
