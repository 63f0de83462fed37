/** Writes small .nessus reports by hand. */

export interface WrittenItem {
  readonly port?: number | string
  readonly protocol?: string
  readonly svc?: string
  readonly severity?: number | string
  readonly pluginId?: number | string
  readonly name?: string
  readonly family?: string
  /** [element, text], in order; text is escaped. */
  readonly children?: readonly (readonly [string, string])[]
}

export interface WrittenHost {
  readonly name: string
  readonly tags?: Readonly<Record<string, string>>
  readonly items?: readonly WrittenItem[]
}

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

export function writtenItem(item: WrittenItem): string {
  const attributes = {
    port: item.port ?? 0,
    svc_name: item.svc ?? 'general',
    protocol: item.protocol ?? 'tcp',
    severity: item.severity ?? 0,
    pluginID: item.pluginId ?? 10_000,
    pluginName: item.name ?? 'A plugin',
    pluginFamily: item.family ?? 'General',
  }
  const written = Object.entries(attributes).map(([key, value]) => `${key}="${escaped(String(value))}"`)
  const children = (item.children ?? []).map(([name, text]) => `<${name}>${escaped(text)}</${name}>`)
  return `<ReportItem ${written.join(' ')}>\n${children.join('\n')}\n</ReportItem>`
}

export function writtenReport(hosts: readonly WrittenHost[], policy = ''): string {
  const body = hosts.map((host) => {
    const tags = Object.entries(host.tags ?? {}).map(([name, value]) => `<tag name="${name}">${escaped(value)}</tag>`)
    const items = (host.items ?? []).map(writtenItem)
    const name = escaped(host.name)
    return `<ReportHost name="${name}"><HostProperties>${tags.join('\n')}</HostProperties>\n${items.join('\n')}\n</ReportHost>`
  })
  return `<?xml version="1.0" ?>\n<NessusClientData_v2>${policy}<Report name="Written by hand">\n${body.join('\n')}\n</Report></NessusClientData_v2>\n`
}

/** The finding lines of a JSON-NL answer. */
export function findingLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line['type'] === 'vulnerability' || line['type'] === 'compliance')
}

export const schemaLine = (text: string): Record<string, unknown> =>
  JSON.parse(text.slice(0, text.indexOf('\n'))) as Record<string, unknown>
export const metadataLine = (text: string): Record<string, unknown> =>
  JSON.parse(text.split('\n')[1] ?? '') as Record<string, unknown>
