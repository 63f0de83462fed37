/**
 * Which rows a condition means: fields joined by "and", with `not`, `any` and
 * `all` for the rest. Each field is asked once per distinct value, as filters are.
 */
import { Refusal } from '../../base/errors.ts'
import type { Field } from '../fields.ts'
import type { FieldCatalogue } from '../query/field-catalogue.ts'
import { matchRows } from '../query/match-rows.ts'
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

/** 1 for each row that matches. */
export async function matchingRows(report: OpenReport, condition: Condition): Promise<Uint8Array> {
  const { store } = report
  switch (condition.kind) {
    case 'field':
      return matchingAll(report, [condition])
    case 'not': {
      const mask = await matchingRows(report, condition.of)
      for (let row = 0; row < mask.length; row++) mask[row] = mask[row] === 1 ? 0 : 1
      return mask
    }
    case 'and': {
      const fields = condition.of.filter((part) => part.kind === 'field')
      const mask = await matchingAll(report, fields)
      for (const part of condition.of) {
        if (part.kind === 'field') continue
        const other = await matchingRows(report, part)
        for (let row = 0; row < mask.length; row++) mask[row] = (mask[row] ?? 0) & (other[row] ?? 0)
      }
      return mask
    }
    case 'or': {
      const mask = new Uint8Array(store.count)
      for (const part of condition.of) {
        const other = await matchingRows(report, part)
        for (let row = 0; row < mask.length; row++) mask[row] = (mask[row] ?? 0) | (other[row] ?? 0)
      }
      return mask
    }
  }
}

/** 1 for each row that matches all of these: what is quick to ask goes first, and the rest is asked of what is left. */
async function matchingAll(report: OpenReport, parts: readonly FieldCondition[]): Promise<Uint8Array> {
  const { store, texts, pace, facts } = report
  const now = facts.started_at ?? undefined
  const filters = parts.map(({ field, value }) => ({ field, predicate: predicateOf(field, value, now) }))
  if (filters.length === 0) return new Uint8Array(store.count).fill(1)
  const mask = new Uint8Array(store.count)
  for (const row of await matchRows(store, texts, filters, pace.watch())) mask[row] = 1
  return mask
}
