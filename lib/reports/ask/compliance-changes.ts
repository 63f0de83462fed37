/** Compliance checks of two reports held against each other, each by its id, else by its name on the same host. */
import { eachPair, isCompliance } from '../query/finding-view.ts'
import type { OpenReport } from '../query/results.ts'
import { isLong } from '../store/format.ts'
import type { Counterparts } from './counterparts.ts'

export interface CheckFacts {
  readonly name: string
  /** In upper case; `UNKNOWN` when the report does not say. */
  readonly result: string
}

export const CHECK_NOT_RETESTED = {
  host_not_seen: 'the host is not in the new report',
  audit_not_run: 'no audit of this kind was run on the host in the new scan',
  check_not_run: 'the audit was run again without this check',
} as const
export type CheckNotRetested = keyof typeof CHECK_NOT_RETESTED

export interface CheckPairs {
  /** Rows of the older and the newer report that are one check. */
  readonly pairs: readonly (readonly [older: number, newer: number])[]
  readonly added: readonly number[]
  readonly gone: readonly (readonly [older: number, why: CheckNotRetested])[]
  readonly older: (row: number) => CheckFacts
  readonly newer: (row: number) => CheckFacts
}

export async function pairChecks(before: OpenReport, after: OpenReport, hosts: Counterparts): Promise<CheckPairs> {
  const older = await checkFacts(before)
  const newer = await checkFacts(after)
  const oldKeys = keyed(before, hosts)
  const newKeys = keyed(after, hosts)
  const pairs: [number, number][] = []
  const left = new Map(oldKeys)
  let added: number[] = []
  for (const [key, row] of newKeys) {
    const known = left.get(key)
    if (known === undefined) added.push(row)
    else pairs.push([known, row])
    left.delete(key)
  }
  // An audit that was revised gives its checks new ids and keeps their names.
  const nameOf = (name: string, host: string, plugin: number): string => `${host}:${plugin}:${name}`
  const byName = new Map<string, number[]>()
  for (const [key, row] of [...left].toReversed()) {
    const name = nameOf(older(row).name, hostOf(key), before.store.columns.plugin[row] ?? 0)
    const alike = byName.get(name)
    if (alike) alike.push(row)
    else byName.set(name, [row])
  }
  const rowKeys = new Map([...newKeys].map(([key, row]) => [row, key]))
  added = added.filter((row) => {
    const { name } = newer(row)
    const alike = byName.get(nameOf(name, hostOf(rowKeys.get(row) ?? ''), after.store.columns.plugin[row] ?? 0))
    const known = name === '' ? undefined : alike?.pop()
    if (known !== undefined) pairs.push([known, row])
    return known === undefined
  })
  const paired = new Set(pairs.map(([row]) => row))
  const audits = new Set([...newKeys].map(([key, row]) => `${hostOf(key)}:${after.store.columns.plugin[row]}`))
  const gone = [...left].flatMap(([key, row]): [number, CheckNotRetested][] => {
    if (paired.has(row)) return []
    if (hosts.laterOf(before.store.columns.host[row] ?? 0).length === 0) return [[row, 'host_not_seen']]
    const ran = audits.has(`${hostOf(key)}:${before.store.columns.plugin[row]}`)
    return [[row, ran ? 'check_not_run' : 'audit_not_run']]
  })
  return { pairs, added, gone, older, newer }
}

const hostOf = (key: string): string => key.slice(0, key.indexOf(':'))

function keyed(report: OpenReport, hosts: Counterparts): Map<string, number> {
  const rows = new Map<string, number>()
  if (report.facts.compliance.total === 0) return rows
  const keyOf = hosts.keysOf(report.store)
  for (let row = 0; row < report.store.count; row++) {
    if (!isCompliance(report.store, row)) continue
    const key = keyOf(row)
    if (!rows.has(key)) rows.set(key, row)
  }
  return rows
}

/** Name and result of a check. Long names are loaded first, since they lie apart. */
async function checkFacts({ store, texts, facts }: OpenReport): Promise<(row: number) => CheckFacts> {
  const long = new Set<number>()
  const rows = facts.compliance.total === 0 ? 0 : store.count
  for (let row = 0; row < rows; row++) {
    if (!isCompliance(store, row)) continue
    eachPair(store, row, (field, textId) => {
      if (field.name === 'compliance_check_name' && isLong(textId)) long.add(textId)
    })
  }
  const textOf = await texts.load(long)
  return (row) => {
    let name = ''
    let result = 'UNKNOWN'
    eachPair(store, row, (field, textId) => {
      if (field.name === 'compliance_check_name') name = textOf(textId).trim().slice(0, 500)
      if (field.name === 'compliance_result' && !isLong(textId)) result = textOf(textId).trim().toUpperCase()
    })
    return { name, result }
  }
}
