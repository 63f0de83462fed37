/** Generates reports, and the findings that a reader must see in them, side by side. */
import type { Random } from './random.ts'
import { type WrittenHost, type WrittenItem, writtenReport } from './written-report.ts'

export type Finding = Record<string, unknown>

const WORDS = ['SSH', 'smb', 'Apache', 'TLS', 'weak', 'Größe', 'a<b', '&amp', 'remote', '🔒', 'CVE', '%_', '0']
const CVES = ['CVE-2021-44228', 'CVE-2014-0160', 'CVE-2024-1', 'CVE-2021-4']

export function generateReport(random: Random): { xml: string; findings: Finding[] } {
  const findings: Finding[] = []
  const hosts: WrittenHost[] = []
  const hostCount = 1 + random.below(4)
  for (let index = 0; index < hostCount; index++) {
    const name = random.pick(['10.0.0.10', '10.0.0.9', 'web.example', `10.0.0.${index}`, 'http://app.example/'])
    const os = random.chance(0.5) ? random.pick(['Linux 5', 'Windows 11']) : undefined
    const items = Array.from({ length: random.below(12) }, () => generateItem(random))
    hosts.push({ name, tags: os === undefined ? {} : { 'operating-system': os }, items })
    for (const item of items) findings.push(findingOf(name, os, item))
  }
  return { xml: writtenReport(hosts), findings }
}

export function generateItem(random: Random): WrittenItem {
  const children: [string, string][] = []
  const maybe = (name: string, probability: number, text: () => string): void => {
    if (random.chance(probability)) children.push([name, text()])
  }
  const sentence = (words: number): string => Array.from({ length: words }, () => random.pick(WORDS)).join(' ')
  maybe('description', 0.8, () => sentence(1 + random.below(120)))
  maybe('plugin_output', 0.6, () => sentence(1 + random.below(200)))
  maybe('cvss3_base_score', 0.5, () => (random.below(101) / 10).toFixed(1))
  maybe('cvss_base_score', 0.5, () => (random.below(101) / 10).toFixed(1))
  maybe('vpr_score', 0.3, () => random.pick(['5.9', '7.4', '10', 'n/a']))
  maybe('exploit_available', 0.4, () => random.pick(['true', 'false']))
  maybe('cisa-known-exploited', 0.2, () => random.pick(['2025/05/22', '2024/1/2', '2025-11-30']))
  maybe('x-unknown', 0.3, () => sentence(1))
  for (const cve of CVES) maybe('cve', 0.3, () => cve)
  return {
    port: random.pick([0, 22, 80, 443]),
    svc: random.pick(['www', 'ssh', 'general']),
    severity: random.below(5),
    pluginId: random.pick([100, 200, 300, 19_506]),
    name: sentence(2),
    family: random.pick(['Web Servers', 'General']),
    children,
  }
}

/** What a reader must see, worked out from what was written rather than from the XML. */
function findingOf(host: string, os: string | undefined, item: WrittenItem): Finding {
  const finding: Finding = {
    host,
    port: item.port,
    svc_name: item.svc,
    severity: item.severity,
    plugin_id: item.pluginId,
  }
  finding['plugin_name'] = item.name
  finding['plugin_family'] = item.family
  if (os !== undefined) finding['os'] = os
  for (const [name, text] of item.children ?? []) {
    if (name === 'cve') finding['cve'] = [...((finding['cve'] as string[] | undefined) ?? []), text]
    else if (name.endsWith('score')) finding[name] = text === 'n/a' ? text : Number(text)
    else if (name === 'exploit_available') finding[name] = text === 'true'
    else if (name === 'cisa-known-exploited') {
      const [year, month = '', day = ''] = text.split(/[/-]/)
      finding['cisa_known_exploited'] = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
    } else finding[name.replace('-', '_')] = text
  }
  const v3 = finding['cvss3_base_score']
  const score = v3 ?? finding['cvss_base_score']
  if (score !== undefined) {
    finding['cvss_score'] = score
    finding['cvss_version'] = v3 === undefined ? 2 : 3
  }
  return finding
}
