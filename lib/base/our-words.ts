/**
 * What is said of a value that does not fit its schema, in this product's words: what was expected, what came. Valibot's
 * own words never reach a reader, because {@link inOurWords} is set for all schemas that say nothing themselves.
 */
import * as v from 'valibot'
import { didYouMean } from './near-names.ts'

const SHOWN_CHARS = 60

/** Kinds of schema and of value, by the names Valibot has for them. */
const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'a boolean, true or false',
  Array: 'a list',
  Object: 'an object, such as {"name": "value"}',
  null: 'null',
  undefined: 'none',
  Date: 'a date',
}

interface Issue extends v.BaseIssue<unknown> {
  readonly requirement?: unknown
}

/** `expected a whole number, got 2.5`. */
export function inOurWords(issue: v.BaseIssue<unknown>): string {
  return `expected ${expectation(issue)}, got ${describeValue(issue.input)}${suggestion(issue)}`
}

function expectation({ type, expected, input, requirement }: Issue): string {
  switch (type) {
    case 'min_value':
    case 'gt_value':
      return `${type === 'gt_value' ? 'more than' : 'at least'} ${String(requirement)}`
    case 'max_value':
    case 'lt_value':
      return `${type === 'lt_value' ? 'less than' : 'at most'} ${String(requirement)}`
    case 'integer':
    case 'safe_integer':
      return 'a whole number'
    case 'min_length':
      return `at least ${String(requirement)} ${unitOf(input)}`
    case 'max_length':
      return `at most ${String(requirement)} ${unitOf(input)}`
    case 'length':
      return `${String(requirement)} ${unitOf(input)}`
    case 'min_entries':
      return `at least ${String(requirement)} fields`
    case 'max_entries':
      return `at most ${String(requirement)} fields`
    case 'non_empty':
      return Array.isArray(input) ? 'a list that is not empty' : 'text that is not empty'
    case 'regex':
      return `text of the form ${String(requirement)}`
    default:
      return wordsOf(expected, input)
  }
}

/** Valibot writes kinds as in TypeScript: `("a" | "b")`, `(string | Array)`. */
function wordsOf(expected: string | null, input: unknown): string {
  if (expected === null) return 'another value'
  // Which field is missing, the path says.
  if (input === undefined && /^".*"$/.test(expected)) return 'a value, since it is required'
  if (expected === 'never') return 'nothing'
  const options = optionsOf(expected).map((option) => KINDS[option] ?? option)
  return options.length === 1 ? options[0]! : `one of ${options.join(', ')}`
}

const optionsOf = (expected: string) => expected.replace(/^\((.*)\)$/s, '$1').split(' | ')
const unquoted = (option: string) => option.replace(/^"(.*)"$/s, '$1')

/** The names that may have been meant, where one of some names was expected. */
function suggestion({ expected, input }: Issue): string {
  if (typeof input !== 'string' || expected === null) return ''
  const names = optionsOf(expected).filter((option) => /^".*"$/s.test(option))
  return didYouMean(input, names.map(unquoted))
}

/** What came, short: `"high"`, `2.5`, `a list`, `none`. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'none'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value !== 'string') return `${value as number | boolean | bigint}`
  if (value.length <= SHOWN_CHARS) return JSON.stringify(value)
  return `${JSON.stringify(`${value.slice(0, SHOWN_CHARS)}…`)} (${value.length} characters)`
}

const unitOf = (input: unknown) => (Array.isArray(input) ? 'entries' : 'characters')

v.setGlobalMessage(inOurWords)
