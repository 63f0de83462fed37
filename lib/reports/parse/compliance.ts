/**
 * Tells compliance checks from vulnerabilities. Reports write them in three ways:
 * with `cm:` elements (Nessus 6+, Tenable.io), with `<compliance>true</compliance>`
 * beside them, or, in Nessus 4, only as `"check name" : [FAILED]` in the description.
 */
import { createHash } from 'node:crypto'
import type { ReportItem } from './report-visitor.ts'

export interface ComplianceCheck {
  /** Names the check within its plugin, the same in every scan. */
  readonly key: string
  /** In upper case: PASSED, FAILED, WARNING, ERROR…; `UNKNOWN` when the report does not say. */
  readonly result: string
  /** Said only in the description, so it is added to the finding. */
  readonly derived: readonly (readonly [field: string, text: string])[]
}

const KEY_HEX = 10
const DESCRIPTION = /^\s*"([^\n]{1,1000}?)"\s*:\s*\[([A-Z]{2,20})\]/
const FAMILY = /compliance/i

/** What `item` says as a compliance check; `undefined` when it is a vulnerability. */
export function complianceOf(item: ReportItem): ComplianceCheck | undefined {
  const { names, texts } = item
  let marked = false
  let id: string | undefined
  let name: string | undefined
  let result: string | undefined
  let description = ''
  for (let i = 0; i < names.length; i++) {
    const text = texts[i] ?? ''
    switch (names[i] ?? '') {
      case 'compliance':
        marked ||= text.trim().toLowerCase() === 'true'
        break
      case 'compliance_check_id':
        id ??= text
        break
      case 'compliance_check_name':
        name ??= text
        break
      case 'compliance_result':
        result ??= text
        break
      case 'description':
        description = text
        break
      default:
    }
  }
  const named = id !== undefined || name !== undefined || result !== undefined
  if (!marked && !named && !FAMILY.test(item.pluginFamily)) return undefined
  const written = DESCRIPTION.exec(description)
  // A plugin of a compliance family that checks nothing (a summary, an error) is an ordinary finding.
  if (!marked && !named && !written) return undefined
  const derived: [string, string][] = []
  if (name === undefined && written?.[1]) derived.push(['compliance_check_name', written[1]])
  if (result === undefined && written?.[2]) derived.push(['compliance_result', written[2]])
  const check = id ?? name ?? written?.[1] ?? ''
  const key = `c${createHash('sha256').update(check.trim()).digest('hex').slice(0, KEY_HEX)}`
  return { key, result: (result ?? written?.[2] ?? 'UNKNOWN').trim().toUpperCase().slice(0, 20), derived }
}
