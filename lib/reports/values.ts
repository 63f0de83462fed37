/**
 * Turns the text of an element into a value: number, boolean, ISO date or text.
 * What does not have the form of its type stays text, so nothing is lost.
 */
import type { FieldType } from './fields.ts'

export type Scalar = string | number | boolean

export const SEVERITY_NAMES = ['Info', 'Low', 'Medium', 'High', 'Critical'] as const

const NUMBER = /^[-+]?\d{1,15}(\.\d{1,15})?$/
const DATE = /^(\d{4})[/-](\d{1,2})[/-](\d{1,2})(?:$|(?=[T ]))/

/** One value of a field of type `type`. */
export function typed(type: FieldType, text: string): Scalar {
  switch (type) {
    case 'number': {
      const trimmed = text.trim()
      return NUMBER.test(trimmed) ? Number(trimmed) : text
    }
    case 'boolean':
      return booleanOf(text) ?? text
    case 'date':
      return isoDate(text)
    case 'text':
    case 'severity':
    case 'id':
    case 'identifier':
    case 'host':
    case 'words':
    case 'choice':
      return text
  }
}

/** `true`, `True`, `1` and `yes` are true; their opposites are false; anything else is neither. */
export function booleanOf(text: string): boolean | undefined {
  switch (text.trim().toLowerCase()) {
    case 'true':
    case '1':
    case 'yes':
      return true
    case 'false':
    case '0':
    case 'no':
      return false
    default:
      return undefined
  }
}

/** `2025/5/22` → `2025-05-22`; a time after the date is kept; anything else is returned as it is. */
export function isoDate(text: string): string {
  const trimmed = text.trim()
  const match = DATE.exec(trimmed)
  if (!match) return text
  const [whole, year = '', month = '', day = ''] = match
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}${trimmed.slice(whole.length)}`
}
