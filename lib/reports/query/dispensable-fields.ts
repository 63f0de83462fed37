/** Which fields a crowded page can do without. */

/** What names and orders a finding, and is never left out. */
export const KEPT_FIELDS: ReadonlySet<string> = new Set([
  'type',
  'id',
  'host',
  'port',
  'plugin_id',
  'plugin_name',
  'severity',
])

/** In the order in which they are left out: bookkeeping of the plugin, then what other fields say as well. */
export const DISPENSABLE_FIELDS: readonly string[] = `script_version fname plugin_type plugin_modification_date agent
  plugin_version host_start host_end host_mac host_netbios severity_name finding_type cvss_temporal_vector
  cvss3_temporal_vector cvss_temporal_score cvss3_temporal_score cvss_score_source cvss3_score_source
  cvss_score_rationale asset_inventory asset_inventory_category os_identification generated_plugin always_run
  thorough_tests enable_cgi_scanning attachment attachment_name attachment_type threat_intensity_last_28 threat_recency
  threat_sources_last_28 product_coverage age_of_vuln exploit_code_maturity cvssV3_impactScore plugin_publication_date
  host_credentialed plugin_family xref bid osvdb see_also cvss_vector cvss3_vector cpe os host_fqdn`.split(/\s+/)
