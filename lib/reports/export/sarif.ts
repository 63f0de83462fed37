/**
 * SARIF 2.1.0 (OASIS): a rule per plugin, a result per finding, in the order of
 * the findings. Rules are collected while results are written, and stand after
 * them; so do what could not be seen, as notifications, and the counts.
 */
import { defined } from '../../base/defined.ts'
import type { Line } from '../query/finding-view.ts'
import { checkNameIn, checkWords } from './check-result.ts'
import type { ExportSource, ExportWriter } from './export-source.ts'
import { jsonAround, members } from './json-array.ts'
import { isCheckLine, numberIn, placeIn, severityIn, textIn, textsIn } from './line-values.ts'

export const sarif: ExportWriter = { fields: 'all', write }

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'
/** By severity. */
const LEVELS = ['none', 'note', 'warning', 'error', 'error'] as const

async function* write(source: ExportSource): AsyncGenerator<string, void, void> {
  const rules = new Map<string, object>()
  const places = new Map<string, number>()
  async function* results(): AsyncGenerator<readonly object[], void, void> {
    for await (const some of source.lines()) {
      yield some.map((line) => {
        const ruleId = ruleIdOf(line)
        let at = places.get(ruleId)
        if (at === undefined) {
          places.set(ruleId, (at = places.size))
          rules.set(ruleId, ruleOf(ruleId, line))
        }
        return resultOf(line, ruleId, at)
      })
    }
  }
  const head = `{${members({ $schema: SCHEMA, version: '2.1.0' })},"runs":[{"results":`
  yield* jsonAround(head, results(), () => `,${members(runOf(source, [...rules.values()]))}}]}`)
}

const ruleIdOf = (line: Line): string => String(numberIn(line, 'plugin_id') ?? textIn(line, 'plugin_id') ?? '')

function ruleOf(id: string, line: Line): object {
  const description = textIn(line, 'synopsis', 'description')
  const solution = textIn(line, 'solution')
  const score = numberIn(line, 'cvss_score')
  return {
    id,
    shortDescription: { text: textIn(line, 'plugin_name') ?? `Plugin ${id}` },
    ...defined({ fullDescription: textOf(description), help: textOf(solution) }),
    ...(/^\d+$/.test(id) ? { helpUri: `https://www.tenable.com/plugins/nessus/${id}` } : {}),
    properties: {
      ...defined({ 'security-severity': score?.toFixed(1) }),
      tags: ['security', ...textsIn(line, 'plugin_family'), ...textsIn(line, 'cve')],
    },
  }
}

const textOf = (text: string | undefined): object | undefined => (text === undefined ? undefined : { text })

function resultOf(line: Line, ruleId: string, ruleIndex: number): object {
  const isCheck = isCheckLine(line)
  const severity = severityIn(line)
  const kind = isCheck ? checkWords(line).sarif : severity === 0 ? 'informational' : 'fail'
  const host = textIn(line, 'host') ?? ''
  const place = placeIn(line)
  const title = isCheck ? checkNameIn(line) : (textIn(line, 'plugin_name') ?? `Plugin ${ruleId}`)
  const said = textIn(line, 'plugin_output', 'compliance_actual_value')
  const { cve, cvss_score: score, epss_score: epss, exploit_available: exploit, host_ip: ip, host_fqdn: fqdn } = line
  const more = { severity: line['severity_name'], cve, cvss_score: score, epss_score: epss, exploit_available: exploit }
  return {
    ruleId,
    ruleIndex,
    kind,
    // Only what failed has a level (3.27.10).
    level: kind === 'fail' ? (LEVELS[severity] ?? 'warning') : 'none',
    message: { text: said === undefined ? `${title} on ${place}` : `${title} on ${place}\n\n${said}` },
    locations: [{ logicalLocations: [{ name: host, fullyQualifiedName: place, kind: 'resource' }] }],
    partialFingerprints: { 'nessusFinding/v1': String(line['id']) },
    properties: { ...more, host_ip: ip, host_fqdn: fqdn },
  }
}

function runOf(
  { taskId, scanName, startedAt, endedAt, scannerVersion, warnings, counts }: ExportSource,
  rules: readonly object[],
) {
  const moments = { startTimeUtc: startedAt ?? undefined, endTimeUtc: endedAt ?? undefined }
  return {
    tool: {
      driver: {
        name: 'Nessus',
        ...defined({ version: scannerVersion }),
        organization: 'Tenable',
        informationUri: 'https://www.tenable.com/products/nessus',
        rules,
      },
    },
    automationDetails: { id: `${taskId}/`, description: { text: scanName } },
    invocations: [
      {
        executionSuccessful: true,
        ...moments,
        toolExecutionNotifications: warnings.map((text) => ({ level: 'warning', message: { text } })),
      },
    ],
    columnKind: 'utf16CodeUnits',
    properties: {
      ...counts,
      untrusted_text: ['results[].message.text', 'results[].locations', 'results[].properties'],
    },
  }
}
