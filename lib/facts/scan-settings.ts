/**
 * What a call may set of a scan beside its targets and credentials, each once: the name that callers use, the id in the
 * scanner's own form, and its bounds. The tools' schema, the record, the configuration's limits and the scanner client read it.
 */
import * as v from 'valibot'

const PORTS_CHARS_MAX = 4000
const FAMILIES_MAX = 100
const FAMILY_CHARS_MAX = 120
/** Each is looked up at the scanner. */
const PLUGINS_MAX = 30
const PLUGIN_MAX = 99_999_999
const AUDITS_MAX = 10
const AUDIT_CHARS_MAX = 200
/** Nessus' own defaults are 5 and 30 or 100; what is beyond these no scanner bears. */
const CHECKS_MAX = 100
const HOSTS_MAX = 1000

/** The setting's id in the scanner's editor. Plugin families are no field of the form: they have their own part. */
export const SETTING_IDS = {
  port_range: 'portscan_range',
  ping: 'ping_the_remote_host',
  max_hosts_at_once: 'max_hosts_per_scan',
  max_checks_at_once: 'max_checks_per_host',
  slow_when_congested: 'reduce_connections_on_congestion',
  safe_checks: 'safe_checks',
} as const

const upTo = (max: number, description: string) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max), v.description(description)))
const flag = (description: string) => v.optional(v.pipe(v.boolean(), v.description(description)))

export const ScanSetup = v.strictObject({
  port_range: v.optional(
    v.pipe(
      v.string(),
      v.trim(),
      v.nonEmpty(),
      v.maxLength(PORTS_CHARS_MAX),
      v.check(
        isPortRange,
        'expected default, all, or ports and ranges from 1 to 65535, such as 22,80,T:8000-8100,U:53',
      ),
      v.description('Such as 1-1024 or 22,T:80,U:53. Or default, or all.'),
    ),
  ),
  ping: flag('Ping first. False scans hosts that do not answer a ping too.'),
  max_hosts_at_once: upTo(HOSTS_MAX, 'Hosts scanned at a time.'),
  max_checks_at_once: upTo(CHECKS_MAX, 'Checks at a time on one host.'),
  slow_when_congested: flag('Slow down when the network is congested.'),
  safe_checks: flag('False runs what may harm hosts. Only where the configuration allows it.'),
  plugin_families: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.nonEmpty(), v.maxLength(FAMILY_CHARS_MAX))),
      v.maxLength(FAMILIES_MAX),
      v.description('Only plugins of these families. Beside those that tell how a scan went.'),
    ),
  ),
  plugins: v.optional(
    v.pipe(
      v.array(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(PLUGIN_MAX))),
      v.maxLength(PLUGINS_MAX),
      v.description('Only these plugins, by id. Beside families that are named, and those that tell how a scan went.'),
    ),
  ),
  audits: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.nonEmpty(), v.maxLength(AUDIT_CHARS_MAX))),
      v.maxLength(AUDITS_MAX),
      v.description("Compliance audits to check. Configured ones by name, or the scanner's own by name or id."),
    ),
  ),
})
export type ScanSetup = v.InferOutput<typeof ScanSetup>

/** Without them a report does not tell how its scan went, or what was reached. */
export const FAMILIES_KEPT: readonly string[] = ['Settings', 'Port scanners']

function isPortRange(text: string): boolean {
  if (/^(?:default|all)$/i.test(text)) return true
  return text.split(',').every((part) => {
    const [, from, to = from] = /^(?:[TUS]:)?(\d{1,5})(?:-(\d{1,5}))?$/i.exec(part.trim()) ?? []
    const [low, high] = [Number(from), Number(to)]
    return from !== undefined && low >= 1 && low <= high && high <= 65_535
  })
}
