/**
 * Turns one filter value into a predicate over one field's value. The types
 * decide what is allowed; what is not is refused with what to write instead.
 */
import { Refusal } from '../../base/errors.ts'
import { canonicalAddress, isInRange, parseIpRange } from '../../base/ip-range.ts'
import { CHOICES, type Field } from '../fields.ts'
import { type Scalar, SEVERITY_NAMES } from '../values.ts'
import { wordsMatcher } from './whole-words.ts'

export interface Predicate {
  /** Whether one value matches. A list matches when any of its elements does. */
  readonly matches: (value: Scalar) => boolean
  /** Whether a finding without the field matches. */
  readonly absent: boolean
  /** True when the value's text is never looked at: `null` and `"*"`. */
  readonly presenceOnly: boolean
}

/** Of trimmed text. */
const COMPARISON = /^(>=|<=|!=|>|<|=)\s*(.*)$/s
const NUMBER = /^[-+]?\d{1,15}(?:\.\d{1,15})?$/
const DATE = /^\d{4}(?:[-/]\d{1,2}){0,2}(?:T\S*)?$/
const TEXT_CHARS_MAX = 1000
const CHOICES_MAX = 1000

/**
 * The predicate for `field: value`; `asOf` is the scan's own date, for what is older or newer than so many days.
 * Throws a {@link Refusal} that names the filter, what was expected and what came.
 */
export function predicateOf(field: Field, value: unknown, asOf?: string): Predicate {
  if (!Array.isArray(value)) return single(field, value, asOf)
  if (value.length === 0 || value.length > CHOICES_MAX) {
    throw wrong(field, `a list of 1 to ${CHOICES_MAX} values`, `a list of ${value.length}`)
  }
  const any = value.map((choice) => single(field, choice, asOf))
  return {
    matches: (came) => any.some((predicate) => predicate.matches(came)),
    absent: any.some((predicate) => predicate.absent),
    presenceOnly: any.every((predicate) => predicate.presenceOnly),
  }
}

function single(field: Field, value: unknown, asOf: string | undefined): Predicate {
  if (value === null) return { matches: () => false, absent: true, presenceOnly: true }
  if (value === '*') return { matches: () => true, absent: false, presenceOnly: true }
  return { matches: matcher(field, value, asOf), absent: false, presenceOnly: false }
}

function matcher(field: Field, value: unknown, asOf: string | undefined): Predicate['matches'] {
  const ends = endsOf(field, value)
  if (ends) {
    const [from, to] = ends.map((end, at) => matcher(field, `${at === 0 ? '>=' : '<='}${String(end)}`, asOf))
    return (came) => from!(came) && to!(came)
  }
  switch (field.type) {
    case 'number':
      return numberMatcher(field, value)
    case 'severity':
      return severityMatcher(field, value)
    case 'boolean':
      return booleanMatcher(field, value)
    case 'date':
      return dateMatcher(field, value, asOf)
    case 'identifier':
      return identifierMatcher(field, value)
    case 'host':
      return hostMatcher(field, value)
    case 'id':
      return exactMatcher(field, value)
    case 'choice':
      return choiceMatcher(field, value)
    case 'words':
      return (
        wordsMatcher(value) ??
        refuse(
          field,
          `a name in whole words, "=name" for exactly it, "*part*" for a part of it; "not" turns it around: {"not": {"${field.name}": …}}`,
          value,
        )
      )
    case 'text':
      return textMatcher(field, value)
  }
}

function numberMatcher(field: Field, value: unknown): Predicate['matches'] {
  if (typeof value === 'number' && Number.isFinite(value)) return (came) => came === value
  const [operator, operand] = typeof value === 'string' ? comparison(value) : ['=', '']
  if (typeof value !== 'string' || !NUMBER.test(operand)) {
    throw wrong(field, 'a number, or a comparison such as ">=7"', show(value))
  }
  const number = Number(operand)
  return (came) => typeof came === 'number' && compare(came - number, operator)
}

function severityMatcher(field: Field, value: unknown): Predicate['matches'] {
  const [operator, operand] = typeof value === 'string' ? comparison(value) : ['=', String(value)]
  const named = SEVERITY_NAMES.findIndex((name) => name.toLowerCase() === operand.toLowerCase())
  const level = /^[0-4]$/.test(operand) ? Number(operand) : /^(?:informational|none)$/i.test(operand) ? 0 : named
  if (level < 0 || (typeof value !== 'string' && typeof value !== 'number')) {
    throw wrong(field, `0 to 4, one of ${SEVERITY_NAMES.join(', ')}, or a comparison such as ">=3"`, show(value))
  }
  return (came) => typeof came === 'number' && compare(came - level, operator)
}

function booleanMatcher(field: Field, value: unknown): Predicate['matches'] {
  const wanted = value === 'true' ? true : value === 'false' ? false : value
  if (typeof wanted !== 'boolean') throw wrong(field, 'true or false', show(value))
  return (came) => came === wanted
}

/** The two ends of `{"between": [from, to]}`, for fields that have an order; `undefined` for any other value. */
function endsOf(field: Field, value: unknown): readonly unknown[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const ends = Object.keys(value).length === 1 && 'between' in value ? value.between : undefined
  const ordered = field.type === 'number' || field.type === 'date' || field.type === 'severity'
  if (Array.isArray(ends) && ends.length === 2 && ordered) return ends
  throw wrong(field, ordered ? 'a value, or {"between": [from, to]}' : 'a value or a list of values', show(value))
}

const AGE = /^\s*(older|newer) than (\d{1,5}) days?\s*$/i
const DAY_MS = 86_400_000

/** `older than 90 days`: on the day that the scan ran, not today. */
function ageMatcher(field: Field, [, which, days]: RegExpExecArray, asOf: string | undefined): Predicate['matches'] {
  const now = Date.parse((asOf ?? '').slice(0, 10))
  if (Number.isNaN(now)) {
    throw wrong(
      field,
      'a date: the report does not say when it was made, so nothing can be older or newer',
      `${which} than`,
    )
  }
  const edge = new Date(now - Number(days) * DAY_MS).toISOString().slice(0, 10)
  return dateMatcher(field, `${which?.toLowerCase() === 'older' ? '<' : '>'}${edge}`, asOf)
}

function dateMatcher(field: Field, value: unknown, asOf: string | undefined): Predicate['matches'] {
  const age = typeof value === 'string' ? AGE.exec(value) : null
  if (age) return ageMatcher(field, age, asOf)
  const [operator, operand] = typeof value === 'string' ? comparison(value) : ['', '']
  if (typeof value !== 'string' || !DATE.test(operand)) {
    throw wrong(
      field,
      'a date such as "2025-05-22", its beginning, or a comparison such as ">=2025-01-01"',
      show(value),
    )
  }
  const wanted = isoPrefix(operand)
  if (!/^\s*[<>!=]/.test(value)) return (came) => String(came).startsWith(wanted)
  // Dates in ISO form compare as text; a value is cut to the precision that was asked for.
  return (came) => {
    const text = String(came).slice(0, wanted.length)
    // A value that is not a date compares with nothing.
    return /^\d{4}-/.test(text) && compare(text < wanted ? -1 : text > wanted ? 1 : 0, operator)
  }
}

function choiceMatcher(field: Field, value: unknown): Predicate['matches'] {
  const choices = CHOICES[field.name] ?? []
  const wanted = String(value).trim().toLowerCase()
  if (!choices.includes(wanted)) throw wrong(field, `one of ${choices.join(', ')}, or a list of them`, show(value))
  return (came) => came === wanted
}

function exactMatcher(field: Field, value: unknown): Predicate['matches'] {
  if (typeof value !== 'string' || value === '') throw wrong(field, 'the id of a finding', show(value))
  return (came) => came === value
}

/** References are written `IAVA:2021-A-0573`; the part behind the colon names the same thing. */
function identifierMatcher(field: Field, value: unknown): Predicate['matches'] {
  if ((typeof value !== 'string' && typeof value !== 'number') || value === '') {
    throw wrong(field, 'a whole identifier, a list of them, null or "*"', show(value))
  }
  const wanted = String(value).trim().toLowerCase()
  if (/^(?:!=|[<>=])/.test(wanted)) {
    throw wrong(field, `a whole identifier; "not" turns a condition around: {"not": {"${field.name}": …}}`, show(value))
  }
  return (came) => {
    const text = String(came).trim().toLowerCase()
    return text === wanted || text.slice(text.indexOf(':') + 1) === wanted
  }
}

function hostMatcher(field: Field, value: unknown): Predicate['matches'] {
  if (typeof value !== 'string' || value.trim() === '' || value.length > TEXT_CHARS_MAX) {
    throw wrong(
      field,
      'a whole name or address, a network such as 10.0.0.0/24, a list of them, null or "*"',
      show(value),
    )
  }
  const wanted = value.trim().toLowerCase()
  if (wanted.startsWith('*.') && !wanted.slice(1).includes('*')) {
    const end = wanted.slice(1)
    return (came) => String(came).toLowerCase().endsWith(end)
  }
  const isNetwork = wanted.includes('/')
  const block = parseIpRange(wanted)
  if (/[*<>=!\s,]/.test(wanted) || (isNetwork && !block)) {
    throw wrong(
      field,
      `one whole name or address, a network such as 10.0.0.0/24, a range such as 10.0.0.1-10.0.0.9, or the end of names such as *.example.com; several as a list; "not" turns a condition around`,
      show(value),
    )
  }
  if (block) return (came) => isInRange(block, canonicalAddress(String(came)))
  return (came) => String(came).toLowerCase() === wanted
}

function textMatcher(field: Field, value: unknown): Predicate['matches'] {
  if (typeof value !== 'string') {
    throw wrong(field, 'text to look for (a number in quotes), a list of texts, null or "*"', show(value))
  }
  if (value === '' || value.length > TEXT_CHARS_MAX) {
    throw wrong(field, `1 to ${TEXT_CHARS_MAX} characters to look for`, `${value.length} characters`)
  }
  const [, operator, operand = ''] = COMPARISON.exec(value.trim()) ?? []
  if (operator !== undefined && NUMBER.test(operand)) {
    throw wrong(field, 'text to look for; it is text, so it cannot be compared with a number', show(value))
  }
  if (operator === '!=') {
    throw wrong(field, `text to look for; "not" turns a condition around: {"not": {"${field.name}": …}}`, show(value))
  }
  const wanted = value.toLowerCase()
  return (came) => String(came).toLowerCase().includes(wanted)
}

function comparison(value: string): [operator: string, operand: string] {
  const [, operator = '=', operand = value.trim()] = COMPARISON.exec(value.trim()) ?? []
  return [operator, operand]
}

function compare(difference: number, operator: string): boolean {
  switch (operator) {
    case '>':
      return difference > 0
    case '>=':
      return difference >= 0
    case '<':
      return difference < 0
    case '<=':
      return difference <= 0
    case '!=':
      return difference !== 0
    default:
      return difference === 0
  }
}

function isoPrefix(date: string): string {
  const [day = '', time] = date.split('T')
  const parts = day.split(/[-/]/).map((part, index) => (index === 0 ? part : part.padStart(2, '0')))
  return time === undefined ? parts.join('-') : `${parts.join('-')}T${time}`
}

function show(value: unknown): string {
  const json = JSON.stringify(value) ?? typeof value
  return json.length > 100 ? `${json.slice(0, 100)}…` : json
}

function refuse(field: Field, expected: string, value: unknown): never {
  throw wrong(field, expected, show(value))
}

function wrong(field: Field, expected: string, came: string): Refusal {
  return new Refusal('invalid_argument', `filters.${field.name}: expected ${expected}, got ${came}`, {
    argument: `filters.${field.name}`,
    type: field.type,
  })
}
