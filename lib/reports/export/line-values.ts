/** Reads the values of a finding's line by kind: a report may carry anything under any name. */
import type { Line } from '../query/finding-view.ts'
import type { Scalar } from '../values.ts'

/** All values of a field. */
export function valuesIn(line: Line, field: string): readonly Scalar[] {
  const value = line[field]
  return value === undefined ? [] : Array.isArray(value) ? value : [value]
}

/** The first text of a field that is not empty. */
export function textIn(line: Line, ...fields: readonly string[]): string | undefined {
  for (const field of fields) {
    for (const value of valuesIn(line, field)) if (String(value).trim() !== '') return String(value)
  }
  return undefined
}

export const textsIn = (line: Line, field: string): string[] => valuesIn(line, field).map(String).filter(Boolean)

export function numberIn(line: Line, ...fields: readonly string[]): number | undefined {
  for (const field of fields) {
    for (const value of valuesIn(line, field)) if (typeof value === 'number' && Number.isFinite(value)) return value
  }
  return undefined
}

export function flagIn(line: Line, field: string): boolean | undefined {
  const [value] = valuesIn(line, field)
  return typeof value === 'boolean' ? value : undefined
}

/** 0 (informational) to 4 (critical). */
export const severityIn = (line: Line): number => numberIn(line, 'severity') ?? 0
export const isCheckLine = (line: Line): boolean => line['finding_type'] === 'compliance'
/** `host:port/protocol`. */
export const placeIn = (line: Line): string =>
  `${textIn(line, 'host') ?? ''}:${numberIn(line, 'port') ?? 0}/${textIn(line, 'protocol') ?? 'tcp'}`

/** Milliseconds since 1970 of a date as the lines carry it, if it is one. */
export function momentIn(line: Line, ...fields: readonly string[]): number | undefined {
  const ms = Date.parse(textIn(line, ...fields) ?? '')
  return Number.isNaN(ms) ? undefined : ms
}
