/** Reads a report a second time, in its own way and without the product's code: what it counts, the answers are held against. */

export interface ReadItem {
  readonly host: ReadHostTags
  readonly plugin: number
  readonly name: string
  readonly family: string
  readonly port: number
  readonly protocol: string
  readonly service: string
  readonly severity: number
  readonly values: (element: string) => string[]
}
export interface ReadHostTags {
  readonly name: string
  readonly tag: (name: string) => string | undefined
}
export interface Reading {
  readonly hosts: readonly ReadHostTags[]
  readonly items: readonly ReadItem[]
  /** Of severity low or worse, no compliance checks. */
  readonly findings: readonly ReadItem[]
  readonly checks: readonly ReadItem[]
}

const plain = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')

export function readAgain(xml: string): Reading {
  const hosts: ReadHostTags[] = []
  const items: ReadItem[] = []
  for (const part of xml.split('<ReportHost ').slice(1)) {
    const [head = '', ...rest] = part.split('<ReportItem ')
    const tags = new Map(
      [...head.matchAll(/<tag name="([^"]*)">([^<]*)<\/tag>/g)].map(([, name, text]) => [name, plain(text ?? '')]),
    )
    const host = { name: plain(/name="([^"]*)"/.exec(head)?.[1] ?? ''), tag: (name: string) => tags.get(name) }
    hosts.push(host)
    for (const item of rest) {
      const attribute = (name: string): string => plain(new RegExp(`${name}="([^"]*)"`).exec(item)?.[1] ?? '')
      items.push({
        host,
        plugin: Number(attribute('pluginID')),
        name: attribute('pluginName'),
        family: attribute('pluginFamily'),
        port: Number(attribute('port')),
        protocol: attribute('protocol'),
        service: attribute('svc_name'),
        severity: Number(attribute('severity')),
        values: (element) =>
          [...item.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map(([, text]) => plain(text ?? '')),
      })
    }
  }
  const checks = items.filter(({ family }) => family === 'Policy Compliance')
  return { hosts, items, checks, findings: items.filter((item) => item.severity > 0 && !checks.includes(item)) }
}

export const output = (item: ReadItem): string => item.values('plugin_output')[0] ?? ''
export const distinct = (values: Iterable<unknown>): string[] => [...new Set([...values].map(String))].sort()
export const hostsOf = (items: readonly ReadItem[]): string[] => distinct(items.map(({ host }) => host.name))
