/**
 * The fields of a finding: their names, types, and which are lists.
 *
 * A field is named after its element (`cm:` is dropped, `-` becomes `_`).
 * Elements that are not listed here are kept as text; one that repeats within
 * any finding of a report is a list in all of that report.
 */
import { REACHES } from './judge/reach.ts'
import { LIFE_STATES } from './ledger/lives-state.ts'
import { AUTHENTICATION } from './judge/report-facts.ts'

export type FieldType =
  | 'text'
  | 'number'
  | 'boolean'
  | 'date'
  | 'severity'
  | 'id'
  | 'identifier'
  | 'host'
  | 'words'
  | 'choice'

export interface Field {
  readonly name: string
  readonly type: FieldType
  readonly list: boolean
}

/** Fields that every finding has a place for, in the order in which they are written. */
export const BASE_FIELDS = [
  'id',
  'host',
  'host_ip',
  'host_fqdn',
  'os',
  'host_netbios',
  'host_mac',
  'host_start',
  'host_end',
  'host_credentialed',
  'port',
  'protocol',
  'svc_name',
  'plugin_id',
  'plugin_name',
  'plugin_family',
  'severity',
  'severity_name',
  'finding_type',
  'cvss_score',
  'cvss_version',
] as const

/** Names that an element may not take: it is kept as `element_<name>` when it says something else. */
/** What was judged of a finding's host: to ask and to group by. */
export const JUDGED_FIELDS = [
  'host_login',
  'host_login_reason',
  'host_reach',
  'host_minutes',
  'host_port_range',
  'host_scanner_version',
] as const

const RESERVED: ReadonlySet<string> = new Set([
  ...BASE_FIELDS,
  ...JUDGED_FIELDS,
  'type',
  'truncated',
  'pluginID',
  'pluginName',
])

/** Split at white space. */
function words(text: string): string[] {
  return text.trim().split(/\s+/)
}

const NUMBERS =
  words(`port plugin_id host_minutes cvss_score cvss_version cvss_base_score cvss_temporal_score cvss3_base_score
  cvss3_temporal_score cvss4_base_score cvss4_threat_score vpr_score vpr_v2_score epss_score cvss cvssv3
  cvssV3_impactScore vulnerability_priority_rating`)
const BOOLEANS = words(`host_credentialed exploit_available in_the_news exploited_by_malware exploited_by_nessus
  exploit_framework_metasploit exploit_framework_core exploit_framework_canvas exploit_framework_d2_elliot
  exploit_framework_exploithub kev unsupported_by_vendor default_account potential_vulnerability asset_inventory
  os_identification always_run thorough_tests generated_plugin enable_cgi_scanning compliance
  compliance_informational`)
const DATES = words(`host_start host_end plugin_publication_date plugin_modification_date vuln_publication_date
  patch_publication_date cisa_known_exploited seol_date first_found last_found`)
const LISTS = words(`cve bid xref see_also osvdb cwe cpe iava iavb iavt mskb msft rhsa cert edb_id secunia cisco_sa
  cisco_bug_id apple_sa owasp tra cea_id attachment attachment_name attachment_type`)
const TEXTS = words(`id host host_ip host_fqdn os host_netbios host_mac protocol svc_name plugin_name plugin_family
  severity severity_name finding_type description script_version solution risk_factor synopsis plugin_type fname
  plugin_output agent plugin_version cvss_vector cvss_temporal_vector cvss3_vector cvss3_temporal_vector cvss4_vector
  cvss4_threat_vector exploitability_ease compliance_result compliance_audit_file compliance_check_id
  compliance_check_name compliance_policy_value compliance_see_also compliance_info compliance_reference
  compliance_solution compliance_actual_value compliance_benchmark_name compliance_benchmark_version
  compliance_benchmark_profile compliance_control_id compliance_full_id compliance_functional_id
  compliance_informational_id compliance_uname compliance_source cvss_score_source cvss3_score_source
  cvss_score_rationale metasploit_name canvas_package d2_elliot_name stig_severity age_of_vuln exploit_code_maturity
  product_coverage threat_intensity_last_28 threat_recency threat_sources_last_28 vulnerability_state
  asset_inventory_category malware host_login_reason host_port_range host_scanner_version`)

/** What names one thing: matched whole, for a part of it names another. */
const IDENTIFIERS =
  words(`cve bid xref osvdb cwe iava iavb iavt mskb msft rhsa cert edb_id secunia cisco_sa cisco_bug_id
  apple_sa tra cea_id compliance_check_id compliance_control_id compliance_full_id protocol`)
/** Any of a host's names and addresses, whole, in any spelling; addresses also by network and range. */
const HOSTS = words('host host_ip host_fqdn host_netbios host_mac')

const table = new Map<string, Field>()
for (const name of TEXTS) table.set(name, { name, type: 'text', list: false })
for (const name of NUMBERS) table.set(name, { name, type: 'number', list: false })
for (const name of BOOLEANS) table.set(name, { name, type: 'boolean', list: false })
for (const name of DATES) table.set(name, { name, type: 'date', list: false })
for (const name of LISTS) table.set(name, { name, type: 'text', list: true })
for (const name of IDENTIFIERS) table.set(name, { name, type: 'identifier', list: LISTS.includes(name) })
for (const name of HOSTS) table.set(name, { name, type: 'host', list: false })
/** Fields with few values, and which: another one is refused, since it can never match. */
const HOST_CHOICES: Readonly<Record<string, readonly string[]>> = {
  host_login: AUTHENTICATION,
  host_reach: REACHES,
}
export const CHOICES: Readonly<Record<string, readonly string[]>> = { ...HOST_CHOICES, state: LIFE_STATES }
for (const name of Object.keys(HOST_CHOICES)) table.set(name, { name, type: 'choice', list: false })
table.set('id', { name: 'id', type: 'id', list: false })
table.set('severity', { name: 'severity', type: 'severity', list: false })

/** Every field this version knows by name. */
export const KNOWN_FIELDS: ReadonlyMap<string, Field> = table

/** Fields whose text a scanned host can choose: data, never instructions. */
export const UNTRUSTED_FIELDS: ReadonlySet<string> = new Set(
  words(`host host_fqdn os host_netbios host_mac svc_name plugin_output output attachment attachment_name
    attachment_type compliance_actual_value cpe element_host element_os`),
)

/** Fields that differ from host to host, so they are stored apart from what a plugin always says. */
export const INSTANCE_FIELDS: ReadonlySet<string> = new Set(
  words('plugin_output output attachment attachment_name attachment_type compliance_actual_value compliance_result'),
)

const NAMES_MAX = 10_000

/** A function from element to field name: `cm:compliance-result` → `compliance_result`; a reserved name → `element_<name>`. */
export function makeElementNames(): (element: string) => string {
  const names = new Map<string, string>()
  return (element) => {
    const known = names.get(element)
    if (known !== undefined) return known
    const plain = fieldName(element)
    const name = RESERVED.has(plain) ? `element_${plain}` : plain
    // A report may invent any number of element names: the memory of them is bounded.
    if (names.size < NAMES_MAX) names.set(element, name)
    return name
  }
}

/** The spelling of a field as callers may write it: `edb-id` and `cm:agent` are understood. */
export function fieldName(written: string): string {
  return written.replace(/^cm:/, '').replaceAll('-', '_')
}

/** The type of a field named in a report. */
export function fieldTyped(name: string, repeats: boolean): Field {
  const known = table.get(name)
  if (!known) return { name, type: 'text', list: repeats }
  return repeats && !known.list ? { ...known, list: true } : known
}
