/**
 * Reads a `.nessus` document as it streams by. Tolerant on purpose: what is
 * damaged is read up to the damage, since the simulator serves such files too.
 */
import type { Readable } from 'node:stream'
import { SaxesParser } from 'saxes'

export interface ReportPart {
  readonly host: string
  readonly pluginId: number
  readonly pluginName: string
  readonly pluginFamily: string
  readonly severity: number
  readonly port: string
  readonly protocol: string
  readonly service: string
  /** Child elements, the last of each name, cut at {@link TEXT_CHARS_MAX}; empty unless texts were asked for. */
  readonly texts: Readonly<Record<string, string>>
}

export interface ReportPartsVisitor {
  host(name: string): void
  item(item: ReportPart): void
}

const TEXT_CHARS_MAX = 65_536

/** Answers whether the document was well-formed to its end. Rejects only when the stream fails. */
export async function readReport(source: Readable, visitor: ReportPartsVisitor, withTexts: boolean): Promise<boolean> {
  const parser = new SaxesParser({ xmlns: false })
  let damaged = false
  let host = ''
  let item: (Omit<ReportPart, 'texts'> & { texts: Record<string, string> }) | undefined
  let text: string | undefined

  parser.on('error', () => {
    damaged = true
  })
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'ReportHost') {
      host = attributes['name'] ?? ''
      visitor.host(host)
    } else if (name === 'ReportItem') {
      item = { host, ...itemOf(attributes), texts: {} }
    } else if (item && withTexts) {
      text = ''
    }
  })
  parser.on('text', (part) => {
    if (text !== undefined && text.length < TEXT_CHARS_MAX) text += part.slice(0, TEXT_CHARS_MAX - text.length)
  })
  parser.on('closetag', ({ name }) => {
    if (name === 'ReportItem' && item) {
      visitor.item(item)
      item = undefined
    } else if (item && text !== undefined) {
      item.texts[name] = text
    }
    text = undefined
  })

  source.setEncoding('utf8')
  for await (const chunk of source) {
    parser.write(String(chunk))
    if (damaged) break
  }
  if (!damaged) parser.close()
  return !damaged
}

function itemOf(attributes: Readonly<Record<string, string>>): Omit<ReportPart, 'host' | 'texts'> {
  const text = (name: string): string => attributes[name] ?? ''
  return {
    pluginId: Number(text('pluginID')),
    pluginName: text('pluginName'),
    pluginFamily: text('pluginFamily'),
    severity: Number(text('severity')),
    port: text('port'),
    protocol: text('protocol'),
    service: text('svc_name'),
  }
}
