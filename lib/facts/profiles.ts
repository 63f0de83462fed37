/** The named choices of fields of a finding: the tools' schemas, the records, the results and the command line read them here. */

export const PROFILES = {
  minimal: ['host', 'plugin_id', 'severity', 'cve', 'cvss_score', 'exploit_available'],
  summary: ['host', 'plugin_id', 'plugin_name', 'severity', 'cve', 'cvss3_base_score', 'synopsis'],
  brief: ['host', 'plugin_id', 'plugin_name', 'severity', 'cve', 'description', 'solution'],
  /** All that the report has; which they are, only the report knows. */
  full: [],
} as const satisfies Record<string, readonly string[]>

export type ProfileName = keyof typeof PROFILES
export const PROFILE_NAMES = Object.keys(PROFILES) as readonly ProfileName[]
export const DEFAULT_PROFILE: ProfileName = 'brief'
