/** Results of compliance checks, and what each is called where a format has words of its own. */
import type { Line } from '../query/finding-view.ts'
import { textIn } from './line-values.ts'

interface CheckWords {
  /** Kind of a SARIF result (2.1.0, 3.27.9). */
  readonly sarif: 'pass' | 'fail' | 'review' | 'notApplicable' | 'open'
  /** Status of an HDF result. */
  readonly hdf: 'passed' | 'failed' | 'skipped' | 'error'
  /** `compliance.status_id` of OCSF 1.3.0. */
  readonly ocsf: { readonly status_id: number; readonly status: string }
}

const CHECK_RESULTS: Readonly<Record<string, CheckWords>> = {
  PASSED: { sarif: 'pass', hdf: 'passed', ocsf: { status_id: 1, status: 'Pass' } },
  FAILED: { sarif: 'fail', hdf: 'failed', ocsf: { status_id: 3, status: 'Fail' } },
  // To be looked at by a person.
  WARNING: { sarif: 'review', hdf: 'skipped', ocsf: { status_id: 2, status: 'Warning' } },
  // The check could not be made: neither passed nor failed.
  ERROR: { sarif: 'open', hdf: 'error', ocsf: { status_id: 0, status: 'Unknown' } },
}
const NOT_SAID: CheckWords = { sarif: 'open', hdf: 'error', ocsf: { status_id: 0, status: 'Unknown' } }

export const resultIn = (line: Line): string => (textIn(line, 'compliance_result') ?? 'UNKNOWN').trim().toUpperCase()
export const checkWords = (line: Line): CheckWords => CHECK_RESULTS[resultIn(line)] ?? NOT_SAID
export const checkNameIn = (line: Line): string =>
  textIn(line, 'compliance_check_name', 'plugin_name') ?? `plugin ${textIn(line, 'plugin_id') ?? ''}`
