/** DefectDojo's generic findings import (JSON): https://docs.defectdojo.com, "Generic Findings Import". */
import type { Line } from '../query/finding-view.ts'
import { SEVERITY_NAMES } from '../values.ts'
import { checkNameIn, resultIn } from './check-result.ts'
import type { ExportSource, ExportWriter } from './export-source.ts'
import { jsonAround, members } from './json-array.ts'
import { flagIn, isCheckLine, numberIn, severityIn, textIn, textsIn } from './line-values.ts'

export const defectdojo: ExportWriter = { fields: 'all', write }

/** Of a title there. */
const TITLE_CHARS_MAX = 511

async function* write(source: ExportSource): AsyncGenerator<string, void, void> {
  async function* findings(): AsyncGenerator<readonly object[], void, void> {
    for await (const some of source.lines()) yield some.map((line) => findingOf(line, source))
  }
  const head = `{${members({ name: `${source.scanName} (${source.taskId})`, type: 'Nessus', description: source.warnings.join('\n') })},"findings":`
  yield* jsonAround(head, findings(), () => '}')
}

function findingOf(line: Line, source: ExportSource): object {
  const isCheck = isCheckLine(line)
  const title = isCheck ? `${resultIn(line)}: ${checkNameIn(line)}` : (textIn(line, 'plugin_name') ?? '')
  const cves = textsIn(line, 'cve')
  const vector = textIn(line, 'cvss3_vector')
  const cwe = Number(/^\d+$/.exec(textIn(line, 'cwe') ?? '')?.[0] ?? Number.NaN)
  const isKnown = /^CVSS:3\.[01]\//.test(vector ?? '')
  const members = {
    title: title.slice(0, TITLE_CHARS_MAX) || `Plugin ${textIn(line, 'plugin_id') ?? ''}`,
    severity: SEVERITY_NAMES[severityIn(line)] ?? 'Info',
    description:
      [textIn(line, 'synopsis'), textIn(line, 'description'), outputOf(line)].filter(Boolean).join('\n\n') || title,
    mitigation: textIn(line, 'compliance_solution', 'solution'),
    date: (textIn(line, 'host_end', 'host_start') ?? source.endedAt ?? source.startedAt ?? undefined)?.slice(0, 10),
    cve: cves[0],
    vulnerability_ids: cves.length > 0 ? cves : undefined,
    cwe: Number.isSafeInteger(cwe) ? cwe : undefined,
    cvssv3: isKnown ? vector : undefined,
    cvssv3_score: numberIn(line, 'cvss3_base_score'),
    epss_score: numberIn(line, 'epss_score'),
    known_exploited: flagIn(line, 'kev'),
    references: textsIn(line, 'see_also').join('\n') || undefined,
    unique_id_from_tool: String(line['id']),
    vuln_id_from_tool: String(line['plugin_id']),
    active: !(isCheck && resultIn(line) === 'PASSED'),
    verified: false,
    static_finding: false,
    dynamic_finding: true,
    endpoints: [{ host: textIn(line, 'host') ?? '', ...portOf(line) }],
  }
  return members
}

/** Fenced, so that what a host says is not read as markup there. */
function outputOf(line: Line): string | undefined {
  const said = textIn(line, 'plugin_output', 'compliance_actual_value')
  if (said === undefined) return undefined
  const fence = '`'.repeat(Math.max(3, ...[...said.matchAll(/`+/g)].map(([run]) => run.length + 1)))
  return `What the host said:\n${fence}\n${said}\n${fence}`
}

function portOf(line: Line): object {
  const port = numberIn(line, 'port') ?? 0
  return port > 0 ? { port, protocol: textIn(line, 'protocol') ?? 'tcp' } : {}
}
