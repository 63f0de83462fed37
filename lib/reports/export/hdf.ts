/**
 * Heimdall Data Format (InSpec's exec JSON): compliance checks alone, a control per
 * check with a result per host. Checks come in the order of their names, so
 * that a control is whole before it is written.
 */
import { Refusal } from '../../base/errors.ts'
import type { Line } from '../query/finding-view.ts'
import { checkNameIn, checkWords, resultIn } from './check-result.ts'
import type { ExportSource, ExportWriter } from './export-source.ts'
import { jsonAround, members } from './json-array.ts'
import { isCheckLine, placeIn, severityIn, textIn, textsIn } from './line-values.ts'

export const hdf: ExportWriter = { fields: 'all', sort: ['plugin_id', 'compliance_check_name'], check, write }

function check({ counts, taskId }: ExportSource): void {
  if (counts.compliance > 0) return
  const message = `format: hdf holds compliance checks, and of ${taskId} none match; ask for sarif, ocsf, defectdojo or csv.`
  throw new Refusal('invalid_argument', message, { arguments: ['format'] })
}

async function* write(source: ExportSource): AsyncGenerator<string, void, void> {
  const head = `{${members({ platform: { name: 'Nessus', release: 'compliance audit', target_id: source.taskId }, version: '1.0' })},"profiles":[{"controls":`
  yield* jsonAround(head, controlsOf(source), () => `,${members(profileOf(source))}}],${members(aroundOf(source))}}`)
}

async function* controlsOf(source: ExportSource): AsyncGenerator<readonly object[], void, void> {
  let of: string | undefined
  let looks: Line[] = []
  for await (const some of source.lines()) {
    const whole: object[] = []
    for (const line of some) {
      if (!isCheckLine(line)) continue
      const key = `${String(line['plugin_id'])} ${checkNameIn(line)}`
      if (key !== of && looks.length > 0) {
        whole.push(controlOf(looks, source))
        looks = []
      }
      of = key
      looks.push(line)
    }
    yield whole
  }
  if (looks.length > 0) yield [controlOf(looks, source)]
}

/** Impact as Heimdall reads it, by severity. */
const IMPACTS = [0, 0.3, 0.5, 0.7, 1] as const

function controlOf(looks: readonly Line[], { startedAt }: ExportSource): object {
  const first = looks[0]!
  const worst = looks.reduce((most, line) => Math.max(most, severityIn(line)), 0)
  const solution = textIn(first, 'compliance_solution', 'solution')
  return {
    id: textIn(first, 'compliance_control_id', 'compliance_check_id') ?? checkNameIn(first),
    title: checkNameIn(first),
    desc: textIn(first, 'compliance_info', 'description') ?? '',
    descriptions: solution === undefined ? [] : [{ label: 'fix', data: solution }],
    impact: IMPACTS[worst] ?? 0.5,
    refs: textsIn(first, 'compliance_see_also').map((url) => ({ url })),
    tags: {
      plugin_id: first['plugin_id'],
      audit: textIn(first, 'compliance_benchmark_name', 'compliance_audit_file'),
      reference: textsIn(first, 'compliance_reference'),
    },
    code: '',
    source_location: {},
    results: looks.map((line) => ({
      status: checkWords(line).hdf,
      code_desc: `${checkNameIn(line)} on ${placeIn(line)}`,
      start_time: textIn(line, 'host_start') ?? startedAt ?? '',
      message: `${resultIn(line)}: found ${textIn(line, 'compliance_actual_value') ?? 'nothing that is told'}; expected ${textIn(line, 'compliance_policy_value') ?? 'what the audit says'}`,
    })),
  }
}

function profileOf({ scanName, taskId }: ExportSource): object {
  return {
    name: 'Nessus compliance audit',
    version: '',
    title: scanName,
    summary: taskId,
    supports: [],
    attributes: [],
    groups: [],
    sha256: '',
  }
}

/** What the format leaves out is counted beside it. */
function aroundOf({ counts, warnings, startedAt, endedAt }: ExportSource): object {
  const seconds = (Date.parse(endedAt ?? '') - Date.parse(startedAt ?? '')) / 1000
  return {
    statistics: { duration: Number.isFinite(seconds) && seconds > 0 ? seconds : null },
    passthrough: {
      ...counts,
      not_in_this_format: counts.vulnerabilities + counts.informational,
      warnings,
      untrusted_text: ['profiles[].controls[].results[].message'],
    },
  }
}
