/** Severities in words and colours. */
import type { Styler } from './terminal/style.ts'

const NAMES = ['Info', 'Low', 'Medium', 'High', 'Critical'] as const
const COLOURS = ['dim', 'cyan', 'yellow', 'red', 'magenta'] as const

export function severityName(level: unknown): string {
  return typeof level === 'number' ? (NAMES[level] ?? String(level)) : ''
}

export function severityColour(level: unknown): (typeof COLOURS)[number] {
  return typeof level === 'number' ? (COLOURS[level] ?? 'dim') : 'dim'
}

/** `Critical 2  High 5  Medium 9  Low 1  Info 40   on 3 hosts`, from a results_summary. */
export function severityLine(summary: Readonly<Record<string, unknown>>, style: Styler): string {
  const breakdown = summary['severity_breakdown']
  const counts = typeof breakdown === 'object' && breakdown !== null ? (breakdown as Record<string, unknown>) : {}
  const parts = [4, 3, 2, 1, 0].map((level) => {
    const amount = counts[severityName(level).toLowerCase()]
    const text = `${severityName(level)} ${typeof amount === 'number' ? amount : 0}`
    return amount === 0 ? text : style(severityColour(level), text)
  })
  const hosts = summary['hosts_scanned']
  return `${parts.join('  ')}${typeof hosts === 'number' ? `   on ${hosts} host${hosts === 1 ? '' : 's'}` : ''}`
}
