/**
 * What rows can be grouped by: a field's values as small numbers per row, so that
 * grouping compares numbers, and names are looked up for the groups that are shown.
 */
import type { Field } from '../fields.ts'
import { inKev, isCompliance, scoreOf, shortText, valuesOf } from '../query/finding-view.ts'
import { hostValueOf } from '../query/host-value.ts'
import type { OpenReport } from '../query/results.ts'
import { isLong } from '../store/format.ts'
import { type Scalar, SEVERITY_NAMES } from '../values.ts'

export interface Dimension {
  /** The codes of a row's values: none when it lacks the field, several for a list. */
  readonly codes: (row: number) => readonly number[]
  /** What a code stands for. Long texts are loaded by {@link Dimension.load} first. */
  readonly label: (code: number) => Scalar
  readonly load: (codes: Iterable<number>) => Promise<void>
}

/** Collects distinct values: value to code. */
export function makeCodes() {
  const values: Scalar[] = []
  const codes = new Map<Scalar, number>()
  return {
    of(value: Scalar): number {
      let code = codes.get(value)
      if (code === undefined) {
        code = values.push(value) - 1
        codes.set(value, code)
      }
      return code
    },
    label: (code: number): Scalar => values[code] ?? '',
  }
}

const NONE: readonly number[] = []
const nothingToLoad = (): Promise<void> => Promise.resolve()

/** One value for all rows of a report. */
export function constantDimension(value: Scalar): Dimension {
  const codes = [0]
  return { codes: () => codes, label: () => value, load: nothingToLoad }
}

/** `hostName`: what hosts are called, where that is not as this report writes them. */
export function dimensionOf(report: OpenReport, field: Field, hostName?: (host: number) => string): Dimension {
  const { store } = report
  const { columns } = store
  const codes = makeCodes()
  const once = (column: Uint32Array, of: (value: number) => Scalar | undefined): Dimension => {
    const known = new Map<number, readonly number[]>()
    return {
      codes(row) {
        const value = column[row] ?? 0
        let found = known.get(value)
        if (found === undefined) {
          const label = of(value)
          known.set(value, (found = label === undefined || label === '' ? NONE : [codes.of(label)]))
        }
        return found
      },
      label: codes.label,
      load: nothingToLoad,
    }
  }
  const host = (of: (host: (typeof store.hosts)[number]) => Scalar | undefined): Dimension =>
    once(columns.host, (index) => {
      const written = store.hosts[index]
      return written && of(store.hosts[written.same] ?? written)
    })
  const ofHost = hostValueOf(field.name)
  if (ofHost) return host(ofHost)
  switch (field.name) {
    case 'host':
      return host(({ name, same }) => hostName?.(same) ?? name)
    case 'host_ip':
      return host(({ ip }) => ip)
    case 'host_fqdn':
      return host(({ fqdn }) => fqdn)
    case 'os':
      return host(({ os }) => os ?? 'unknown')
    case 'host_start':
      return host(({ start }) => start?.slice(0, 10))
    case 'host_end':
      return host(({ end }) => end?.slice(0, 10))
    case 'port':
      return once(columns.port, (value) => value)
    case 'protocol':
      return once(columns.protocol, (id) => shortText(store, id))
    case 'svc_name':
      return once(columns.service, (id) => shortText(store, id))
    case 'plugin_id':
      return once(columns.plugin, (value) => value)
    case 'severity':
    case 'severity_name':
      return once(columns.severity, (value) => SEVERITY_NAMES[value])
    case 'finding_type': {
      const [check, vulnerability] = [[codes.of('compliance')], [codes.of('vulnerability')]]
      const kind = (row: number) => (isCompliance(store, row) ? check : vulnerability)
      return { codes: kind, label: codes.label, load: nothingToLoad }
    }
    case 'cvss_score':
      return once(columns.detail, (record) => scoreOf(store, record)?.score)
    case 'kev':
      return once(columns.detail, (record) => inKev(store, record))
    case 'cvss_version':
      return once(columns.detail, (record) => scoreOf(store, record)?.version)
    default:
      return elementDimension(report, field)
  }
}

/** A field of the report's elements: its values lie in the two records of a row, long ones by the number of their text. */
function elementDimension({ store, texts }: OpenReport, field: Field): Dimension {
  const codes = makeCodes()
  const longTexts = new Map<number, string>()
  const LONG = 0.5
  const numbers = new Set(store.fields.flatMap(({ name }, number) => (name === field.name ? [number] : [])))
  const [only = -1] = numbers
  const isAsked = numbers.size > 1 ? (number: number) => numbers.has(number) : (number: number) => number === only
  /** A long text is told apart by its number: equal texts are stored once. */
  const codesOf = (textId: number): readonly number[] =>
    isLong(textId) ? [textId + LONG] : valuesOf(field, shortText(store, textId)).map((value) => codes.of(value))
  const inRecord = (record: number): readonly number[] => {
    const { pairs, recordStarts } = store
    const end = recordStarts[record + 1] ?? 0
    let values: number[] | undefined
    for (let pair = recordStarts[record] ?? 0; pair < end; pair++) {
      if (!isAsked(pairs[pair * 2]!)) continue
      values ??= []
      for (const code of codesOf(pairs[pair * 2 + 1] ?? 0)) values.push(code)
    }
    return values === undefined ? NONE : values.length > 1 ? [...new Set(values)] : values
  }
  /** Of the records that many rows share. What a row has for itself is not worth keeping. */
  const ofShared = new Map<number, readonly number[]>()
  const inShared = (record: number): readonly number[] => {
    let found = ofShared.get(record)
    if (found === undefined) ofShared.set(record, (found = inRecord(record)))
    return found
  }
  return {
    codes(row) {
      const detail = inShared(store.columns.detail[row] ?? 0)
      const instance = inRecord(store.columns.instance[row] ?? 0)
      return instance.length === 0 ? detail : detail.length === 0 ? instance : [...new Set([...detail, ...instance])]
    },
    label: (code) => (Number.isInteger(code) ? codes.label(code) : (longTexts.get(code - LONG) ?? '')),
    load: (wanted) =>
      texts.each(
        [...wanted].filter((code) => !Number.isInteger(code)).map((code) => code - LONG),
        (textId, text) => longTexts.set(textId, text),
      ),
  }
}
