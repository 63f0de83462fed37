/**
 * OCSF 1.3.0, an event per line: class 2002 (Vulnerability Finding) per finding,
 * 2003 (Compliance Finding) per check. https://schema.ocsf.io/1.3.0
 */
import { defined } from '../../base/defined.ts'
import type { Line } from '../query/finding-view.ts'
import { SEVERITY_NAMES } from '../values.ts'
import { checkNameIn, checkWords, resultIn } from './check-result.ts'
import type { ExportSource, ExportWriter } from './export-source.ts'
import { flagIn, isCheckLine, momentIn, numberIn, placeIn, severityIn, textIn, textsIn } from './line-values.ts'

export const ocsf: ExportWriter = { fields: 'all', write }

const PRODUCT = { name: 'Nessus', vendor_name: 'Tenable' }
const SEVERITIES = ['Informational', 'Low', 'Medium', 'High', 'Critical'] as const
const CATEGORY = { category_uid: 2, category_name: 'Findings' }
/** What it is when nothing says when the scan was: the schema wants a time. */
const NO_TIME = 0

async function* write(source: ExportSource): AsyncGenerator<string, void, void> {
  const ended = Date.parse(source.endedAt ?? source.startedAt ?? '')
  for await (const some of source.lines()) {
    yield some.map((line) => `${JSON.stringify(isCheckLine(line) ? checkEvent(line) : findingEvent(line))}\n`).join('')
  }

  function common(line: Line, title: string): object {
    const severity = severityIn(line)
    return {
      ...CATEGORY,
      activity_id: 1,
      activity_name: 'Create',
      time: momentIn(line, 'host_end', 'host_start') ?? (Number.isNaN(ended) ? NO_TIME : ended),
      severity_id: severity + 1,
      severity: SEVERITIES[severity],
      status_id: 1,
      status: 'New',
      metadata: {
        version: '1.3.0',
        product: PRODUCT,
        uid: `${source.taskId}/${String(line['id'])}`,
        ...(source.warnings.length > 0 ? { labels: source.warnings } : {}),
      },
      finding_info: {
        uid: String(line['id']),
        title,
        ...given('desc', textIn(line, 'synopsis', 'description')),
        ...given('data_sources', [`${source.scanName} (${source.taskId})`]),
      },
      resources: [resourceOf(line)],
      unmapped: {
        plugin_id: numberIn(line, 'plugin_id'),
        port: numberIn(line, 'port'),
        protocol: textIn(line, 'protocol'),
        ...given('plugin_output', textIn(line, 'plugin_output')),
        untrusted_text: ['unmapped.plugin_output', 'resources'],
      },
    }
  }

  function findingEvent(line: Line): object {
    const title = textIn(line, 'plugin_name') ?? `Plugin ${textIn(line, 'plugin_id') ?? ''}`
    return {
      class_uid: 2002,
      class_name: 'Vulnerability Finding',
      type_uid: 200_201,
      ...common(line, title),
      vulnerabilities: vulnerabilitiesOf(line, title),
    }
  }

  function checkEvent(line: Line): object {
    const title = checkNameIn(line)
    return {
      class_uid: 2003,
      class_name: 'Compliance Finding',
      type_uid: 200_301,
      ...common(line, title),
      compliance: {
        control: textIn(line, 'compliance_control_id', 'compliance_check_id') ?? title,
        standards: [textIn(line, 'compliance_benchmark_name', 'compliance_audit_file') ?? 'Nessus compliance audit'],
        ...checkWords(line).ocsf,
        status_detail: resultIn(line),
        ...given('requirements', orNone(textsIn(line, 'compliance_reference'))),
      },
      ...given('remediation', describe(textIn(line, 'compliance_solution'))),
    }
  }
}

/** One per CVE; one without where the plugin names none. */
function vulnerabilitiesOf(line: Line, title: string): object[] {
  const vulnerability = {
    title,
    ...given('desc', textIn(line, 'description')),
    severity: SEVERITY_NAMES[severityIn(line)],
    vendor_name: PRODUCT.vendor_name,
    ...given('is_exploit_available', flagIn(line, 'exploit_available')),
    ...given('remediation', describe(textIn(line, 'solution'))),
    ...given('references', orNone(textsIn(line, 'see_also'))),
  }
  const cves = textsIn(line, 'cve')
  if (cves.length === 0) return [vulnerability]
  const scores = { cvss: cvssOf(line), epss: epssOf(line) }
  return cves.map((uid) => ({
    ...vulnerability,
    cve: { uid, ...given('cvss', orNone(scores.cvss)), ...given('epss', scores.epss) },
  }))
}

function cvssOf(line: Line): object[] {
  return [
    ['4.0', 'cvss4_base_score', 'cvss4_vector'] as const,
    ['3.0', 'cvss3_base_score', 'cvss3_vector'] as const,
    ['2.0', 'cvss_base_score', 'cvss_vector'] as const,
  ].flatMap(([version, scoreField, vectorField]) => {
    const base_score = numberIn(line, scoreField)
    if (base_score === undefined) return []
    const vector = textIn(line, vectorField)
    const told = /^CVSS:(\d\.\d)\//.exec(vector ?? '')?.[1]
    return [{ version: told ?? version, base_score, ...given('vector_string', vector) }]
  })
}

/** The report does not say which day's score it is. */
function epssOf(line: Line): object | undefined {
  const score = textIn(line, 'epss_score')
  return score === undefined ? undefined : { score }
}

function resourceOf(line: Line): object {
  return {
    type: 'host',
    name: textIn(line, 'host_fqdn', 'host_netbios', 'host') ?? '',
    uid: textIn(line, 'host') ?? '',
    data: { place: placeIn(line), ip: textIn(line, 'host_ip'), os: textIn(line, 'os') },
  }
}

const describe = (desc: string | undefined): object | undefined => (desc === undefined ? undefined : { desc })
const orNone = <T>(list: readonly T[]): readonly T[] | undefined => (list.length === 0 ? undefined : list)
const given = (name: string, value: unknown): object => defined({ [name]: value })
