/** Values of options, checked before anything is done. */
import { InvalidArgumentError } from 'commander'

export function wholeNumber(text: string): number {
  if (/^[-+]?\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Expected a whole number.')
}

/** Seconds on the command line, milliseconds inside. */
export function secondsToMs(text: string): number {
  if (/^\d{1,7}(?:\.\d{1,3})?$/.test(text) && Number(text) > 0) return Number(text) * 1000
  throw new InvalidArgumentError('Expected seconds, such as 600.')
}

/** `a,b c` as a list. */
export function listOption(text: string): string[] {
  const list = text.split(/[\s,]+/).filter((word) => word !== '')
  if (list.length > 0) return list
  throw new InvalidArgumentError('Expected names, separated by commas.')
}

/** Filters by field; a field given twice is met by any of its values. */
export type Filters = Readonly<Record<string, unknown>>

const FILTER = /^([\w.-]{1,100})\s*(>=|<=|!=|=|>|<)\s*(.*)$/s

/**
 * Adds `field=value`, or a comparison such as `severity>=3`, to the filters before it. `null` is absent and `*` present;
 * JSON lists and texts in quotes are taken as they are.
 */
export function addFilter(text: string, before: Filters = {}): Filters {
  const [, field = '', operator = '', rest = ''] = FILTER.exec(text) ?? []
  if (field === '' || rest === '') {
    throw new InvalidArgumentError('Expected field=value or a comparison, such as severity=High or cvss_score>=7.')
  }
  const value = operator === '=' ? valueOf(rest) : `${operator}${rest}`
  const first = before[field]
  if (first === undefined) return { ...before, [field]: value }
  return { ...before, [field]: [first, value].flat() }
}

function valueOf(text: string): unknown {
  if (text === 'null') return null
  if (!/^["[]/.test(text)) return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new InvalidArgumentError(`Expected JSON after =, since it begins with ${text.slice(0, 1)}.`)
  }
}

/** For an option that may be given again: one more; `before` are those given so far. */
export function oneMore(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}
