/**
 * Collects one ReportItem: its attributes, checked, and its children. One item
 * object is reused for the whole report, which keeps the garbage collector quiet.
 */
import { PermanentError } from '../../base/errors.ts'
import type { ReportItem, ReportVisitor } from './report-visitor.ts'

const CHILDREN_MAX = 100_000
const ITEM_CHARS_MAX = 64 * 1024 * 1024
const PORT_MAX = 65_535
const PLUGIN_ID_MAX = 4_294_967_295

type Attributes = Readonly<Record<string, string>>

export interface ItemReader {
  open(attributes: Attributes): void
  /** Adds a child; one that says nothing, or repeats the item's own attribute, is dropped. */
  child(name: string, text: string): void
  /** Counts text towards the item's limit. */
  allow(chars: string): string
  close(): void
}

export function makeItemReader(visitor: Pick<ReportVisitor, 'item'>): ItemReader {
  let chars = 0
  const item: ReportItem = {
    port: 0,
    protocol: '',
    serviceName: '',
    severity: 0,
    pluginId: 0,
    pluginName: '',
    pluginFamily: '',
    names: [],
    texts: [],
  }
  return {
    open(attributes) {
      chars = 0
      item.names.length = 0
      item.texts.length = 0
      item.port = whole(attributes['port'] ?? '0', PORT_MAX, 'port')
      item.protocol = attributes['protocol'] ?? ''
      item.serviceName = attributes['svc_name'] ?? ''
      item.severity = whole(attributes['severity'], 4, 'severity')
      item.pluginId = whole(attributes['pluginID'], PLUGIN_ID_MAX, 'pluginID')
      item.pluginName = attributes['pluginName'] ?? ''
      item.pluginFamily = attributes['pluginFamily'] ?? ''
    },
    allow(more) {
      chars += more.length
      if (chars > ITEM_CHARS_MAX) throw new PermanentError(`a ReportItem is longer than ${ITEM_CHARS_MAX} characters`)
      return more
    },
    child(name, text) {
      const kept = trimmed(text)
      if (kept === '' || repeatsAttribute(item, name, kept)) return
      if (item.names.length >= CHILDREN_MAX) throw new PermanentError(`a ReportItem has over ${CHILDREN_MAX} children`)
      item.names.push(name)
      item.texts.push(kept)
    },
    close() {
      visitor.item(item)
    },
  }
}

/** Leading empty lines and trailing space carry nothing; the indent of a first line may line up a table. */
function trimmed(text: string): string {
  const end = text.trimEnd()
  const first = end.charCodeAt(0)
  if (first !== 0x0a && first !== 0x0d && first !== 0x20 && first !== 0x09) return end
  return end.replace(/^(?:[ \t]*[\r\n]+)+/, '')
}

function repeatsAttribute(item: ReportItem, name: string, text: string): boolean {
  switch (name) {
    case 'element_plugin_name':
    case 'element_pluginName':
      return text === item.pluginName.trim()
    case 'element_plugin_id':
    case 'element_pluginID':
      return text === String(item.pluginId)
    case 'element_plugin_family':
      return text === item.pluginFamily
    case 'element_port':
      return text === String(item.port)
    case 'element_protocol':
      return text === item.protocol
    case 'element_severity':
      return text === String(item.severity)
    default:
      return false
  }
}

function whole(text: string | undefined, max: number, what: string): number {
  const came = text?.trim()
  const value = came !== undefined && /^\d{1,10}$/.test(came) ? Number(came) : Number.NaN
  if (value <= max) return value
  const got = came === undefined ? 'nothing' : JSON.stringify(came.slice(0, 40))
  throw new PermanentError(`ReportItem ${what}: expected a whole number from 0 to ${max}, got ${got}`)
}
