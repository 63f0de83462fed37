/**
 * Makes a scan's own report of a shipped one: each target gets a host block of
 * the shipped report in turn, with its address, names and times put in. A run
 * that did not complete lacks what Nessus writes at the end of a scan.
 */
import { isIPv4 } from 'node:net'

/** Plugins that report at the end of a host's scan, so that a run cut short has none of them. */
const LATE_PLUGINS = [
  19506, 21745, 24786, 102094, 104410, 110095, 110385, 110695, 110723, 117885, 117886, 117887, 141118,
]
const LATE_ITEM = new RegExp(
  `<ReportItem [^>]*pluginID="(?:${LATE_PLUGINS.join('|')})"[^>]*>[\\s\\S]*?</ReportItem>\\n?`,
  'g',
)
const LATE_TAG = /<tag name="(?:Credentialed_Scan|Last(?:Una|A)uthenticatedResults|HOST_END\w*)">[^<]*<\/tag>\n?/g

export interface ShippedReport {
  readonly head: string
  readonly blocks: readonly string[]
  readonly tail: string
}

export interface Serving {
  readonly scanName: string
  /** Hosts in the report, with their position among the scan's targets. */
  readonly hosts: readonly { readonly name: string; readonly index: number }[]
  readonly startedAtMs: number
  readonly endedAtMs: number
  readonly isComplete: boolean
}

export function splitReport(text: string): ShippedReport {
  const blocks = text.match(/<ReportHost [\s\S]*?<\/ReportHost>\n/g) ?? []
  const start = blocks[0] === undefined ? text.indexOf('</Report>') : text.indexOf(blocks[0])
  return { head: text.slice(0, start), blocks, tail: text.slice(text.indexOf('</Report>')) }
}

/** The pieces of the scan's own report, one host at a time. */
export function* writeReport(report: ShippedReport, serving: Serving): Generator<string> {
  yield report.head.replace('<Report name="simulated"', () => `<Report name="${escapeXml(serving.scanName)}"`)
  if (report.blocks.length > 0) {
    for (const { name, index } of serving.hosts) {
      yield writeHost(report.blocks[index % report.blocks.length] ?? '', { ...serving, name, index })
    }
  }
  yield report.tail
}

function writeHost(block: string, host: Serving & { name: string; index: number }): string {
  const shippedName = /<ReportHost name="([^"]*)"/.exec(block)?.[1] ?? ''
  const name = escapeXml(host.name)
  // A host given by name still has an address: one of the range kept for documentation.
  const address = isIPv4(host.name) ? name : host.name.includes(':') ? name : `198.51.100.${(host.index % 254) + 1}`
  const isAddress = address === name
  const started = new Date(host.startedAtMs)
  const ended = new Date(host.endedAtMs)
  const whole = block
    .replaceAll(shippedName, () => address)
    .replace(/<ReportHost name="[^"]*"/, () => `<ReportHost name="${name}"`)
    .replace(/(<tag name="host-fqdn">)[^<]*/, (_, tag: string) => tag + (isAddress ? fqdnOf(address) : name))
    .replace(/(<tag name="HOST_START">)[^<]*/, `$1${asctime(started)}`)
    .replace(/(<tag name="HOST_END">)[^<]*/, `$1${asctime(ended)}`)
    .replace(/(<tag name="HOST_START_TIMESTAMP">)[^<]*/, `$1${seconds(started)}`)
    .replace(/(<tag name="(?:HOST_END_TIMESTAMP|Last\w+Results)">)[^<]*/g, `$1${seconds(ended)}`)
  return host.isComplete ? whole : whole.replace(LATE_ITEM, '').replace(LATE_TAG, '')
}

function fqdnOf(address: string): string {
  return `host-${address.replaceAll(/[.:]/g, '-')}.example.test`
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}

/** As C's asctime writes it, the day padded with a space: `Fri Jan  5 09:00:00 2025`. */
function asctime(date: Date): string {
  const [weekday = '', day = '', month = '', year = '', time = ''] = date.toUTCString().replace(',', '').split(' ')
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`
}

function escapeXml(text: string): string {
  const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  // Control characters have no place in XML 1.0, escaped or not.
  const allowed = text.replaceAll(/\p{Cc}/gu, ' ')
  return allowed.replaceAll(/[&<>"]/g, (char) => named[char] ?? char)
}
