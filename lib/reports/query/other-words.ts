/** What people write instead of the names here, and the name that was meant: one table, for what is asked, its fields and its measures. */
import { nearNames } from '../../base/near-names.ts'

/** Each name, and other words for it. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  // What is asked.
  findings: 'vulnerability vuln issue problem count total number alert',
  hosts: 'machine server asset computer device target',
  plugins: 'check_id test',
  ports: 'open_port',
  checks: 'compliance audit rule benchmark cis compliance_check',
  fixes: 'solution remediation fix recommendation action',
  fix_plan: 'plan priority prioritize',
  scanned_hosts: 'all_host inventory asset machine login credential',
  software: 'package program application app installed_software installed name',
  products: 'banner service_version cpe detected',
  certificates: 'cert tls ssl expiry x509',
  accounts: 'user login_name admin administrator group',
  listeners: 'process listening socket open_port',
  systems: 'os operating_system platform',
  lives: 'history life ledger age trend timeline lifecycle fixed returned',
  patches: 'kb missing_patch update missing_update patch_report',
  // Fields.
  severity: 'risk risk_level level criticality',
  plugin_name: 'title name finding vulnerability_name',
  plugin_id: 'plugin nessus_id check_id',
  plugin_family: 'family category',
  svc_name: 'service service_name',
  os: 'operating_system platform system',
  host: 'ip ip_address address hostname machine target asset server',
  cve: 'cve_id vulnerability_id',
  exploit_available: 'exploitable exploit has_exploit public_exploit',
  kev: 'known_exploited cisa_kev cisa exploited in_kev',
  epss_score: 'epss',
  vpr_score: 'vpr',
  cvss_score: 'cvss score base_score',
  cvss3_base_score: 'cvss3 cvss_v3 cvssv3_score cvss3_score',
  patch_publication_date: 'patch_date patched patch_age patch_published',
  vuln_publication_date: 'vulnerability_date vuln_date published disclosure_date publication_date',
  solution: 'fix remediation recommendation',
  version: 'software_version package_version',
  expires: 'expiry expiration not_after valid_to expiration_date valid_until',
  certificate: 'subject common_name cn cert',
  account: 'user username user_name login_name',
  trait: 'role group privilege status',
  host_login: 'login authentication credentialed auth login_status authenticated',
  host_reach: 'reach status alive finished',
  host_minutes: 'duration minutes time took',
  compliance_result: 'result status outcome',
  compliance_check_name: 'check check_name rule',
  state: 'status life_state lifecycle',
  open_since: 'since unbroken_since',
  fixed_at: 'fixed fixed_date closed closed_at',
  returned: 'reopened back times_returned',
  age_days: 'age days_open',
  days_to_fix: 'mttr time_to_fix mean_time_to_fix',
  days_unlooked: 'days_since_looked not_looked_for',
  worst: 'max_severity highest_severity severity',
}

const MEANINGS: ReadonlyMap<string, readonly string[]> = Object.entries(OTHER_WORDS).reduce(
  (meanings, [name, words]) => {
    for (const word of words.split(' ')) meanings.set(word, [...(meanings.get(word) ?? []), name])
    return meanings
  },
  new Map<string, string[]>(),
)

/** Up to three of `names` that may have been meant: what the word stands for first, then what is written alike. */
export function meantNames(written: string, names: Iterable<string>): string[] {
  const all = [...names]
  const plain = written.slice(0, 100).toLowerCase().replaceAll(/[\s-]/g, '_')
  const meant = [plain, plain.replace(/ies$/, 'y'), plain.replace(/e?s$/, ''), plain.replace(/s$/, '')]
    .flatMap((word) => MEANINGS.get(word) ?? [])
    .filter((name) => all.includes(name))
  return [...new Set([...meant, ...nearNames(written, all)])].slice(0, 3)
}

/** `; did you mean a or b?`, or nothing: for the end of a sentence. */
export function meaning(written: string, names: Iterable<string>): string {
  const meant = meantNames(written, names)
  return meant.length === 0 ? '' : `; did you mean ${meant.join(' or ')}?`
}
