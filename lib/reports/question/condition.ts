/**
 * Which rows a condition means: fields joined by "and", with `not`, `any` and
 * `all` for the rest. Each field is asked once per distinct value, as filters are.
 */
import { Refusal } from '../../base/errors.ts'
import type { Field } from '../fields.ts'
import type { FieldCatalogue } from '../query/field-catalogue.ts'
import { allRows, keepRows, matchRows } from '../query/match-rows.ts'
import { predicateOf } from '../query/predicate.ts'
import type { OpenReport } from '../query/results.ts'

const DEPTH_MAX = 8
const LEAVES_MAX = 100

interface FieldCondition {
  readonly kind: 'field'
  readonly field: Field
  readonly value: unknown
}
export type Condition =
  | FieldCondition
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }

/** Reads `where`. Throws a {@link Refusal} that names the place. */
export function readCondition(where: Readonly<Record<string, unknown>>, fields: FieldCatalogue): Condition {
  let leaves = 0
  const read = (object: Readonly<Record<string, unknown>>, at: string, depth: number): Condition => {
    if (depth > DEPTH_MAX) throw new Refusal('invalid_argument', `${at}: expected at most ${DEPTH_MAX} levels`)
    const parts = Object.entries(object).map(([name, value]): Condition => {
      const place = `${at}.${name}`
      switch (name) {
        case 'not':
          return { kind: 'not', of: { kind: 'or', of: each(value, place, depth) } }
        case 'any':
          return { kind: 'or', of: each(value, place, depth) }
        case 'all':
          return { kind: 'and', of: each(value, place, depth) }
        default: {
          leaves += 1
          if (leaves > LEAVES_MAX) {
            throw new Refusal('invalid_argument', `${place}: expected at most ${LEAVES_MAX} conditions in all`)
          }
          return { kind: 'field', field: fields.field(name, place), value }
        }
      }
    })
    return parts.length === 1 ? parts[0]! : { kind: 'and', of: parts }
  }
  const each = (value: unknown, at: string, depth: number): Condition[] => {
    const list = Array.isArray(value) ? value : [value]
    if (list.length === 0)
      throw new Refusal('invalid_argument', `${at}: expected a condition or a list of them, got an empty list`)
    return list.map((item: unknown, index) => {
      if (typeof item === 'object' && item !== null && !Array.isArray(item)) {
        return read(item as Record<string, unknown>, Array.isArray(value) ? `${at}[${index}]` : at, depth + 1)
      }
      const came = JSON.stringify(item) ?? typeof item
      throw new Refusal(
        'invalid_argument',
        `${at}: expected conditions such as {"port": 445}, got ${came.slice(0, 60)}`,
      )
    })
  }
  return read(where, 'where', 0)
}

/** The fields that a condition asks about. */
export function fieldsOf(condition: Condition): Field[] {
  switch (condition.kind) {
    case 'field':
      return [condition.field]
    case 'not':
      return fieldsOf(condition.of)
    case 'and':
    case 'or':
      return condition.of.flatMap(fieldsOf)
  }
}

/** The rows that match, in their order. */
export const matchingRows = (report: OpenReport, condition: Condition): Promise<Uint32Array> =>
  among(report, condition, allRows(report.store.count))

/** Those of `rows` that match: each part is asked of what the others leave open. */
async function among(report: OpenReport, condition: Condition, rows: Uint32Array): Promise<Uint32Array> {
  switch (condition.kind) {
    case 'field':
      return allOf(report, [condition], rows)
    case 'not': {
      const found = maskOf(report, await among(report, condition.of, rows))
      return keepRows(rows, (row) => found[row] === 0)
    }
    case 'and': {
      let left = await allOf(
        report,
        condition.of.filter((part) => part.kind === 'field'),
        rows,
      )
      for (const part of condition.of) if (part.kind !== 'field') left = await among(report, part, left)
      return left
    }
    case 'or': {
      const found = new Uint8Array(report.store.count)
      let left = rows
      for (const part of condition.of) {
        for (const row of await among(report, part, left)) found[row] = 1
        left = keepRows(left, (row) => found[row] === 0)
      }
      return keepRows(rows, (row) => found[row] === 1)
    }
  }
}

function maskOf({ store }: OpenReport, rows: Uint32Array): Uint8Array {
  const mask = new Uint8Array(store.count)
  for (const row of rows) mask[row] = 1
  return mask
}

/** What matches all of these: what is quick to ask goes first, and the rest is asked of what is left. */
async function allOf(
  { store, texts, pace, facts }: OpenReport,
  parts: readonly FieldCondition[],
  rows: Uint32Array,
): Promise<Uint32Array> {
  const now = facts.started_at ?? undefined
  const filters = parts.map(({ field, value }) => ({ field, predicate: predicateOf(field, value, now) }))
  return matchRows({ store, texts, rows, watch: pace.watch() }, filters)
}
