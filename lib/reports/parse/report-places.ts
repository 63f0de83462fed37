/**
 * Follows the elements of a report and tells the visitor what they mean. Where
 * it stands is one word, {@link Place}: the element that it is directly in.
 *
 *   outside → root → report → host → properties → tag
 *                               └──→ item → child
 *   root → policy, from which a reader of its own picks a little
 *   and `passed over` for everything else
 */
import type { SaxesTagPlain } from 'saxes'
import { PermanentError } from '../../base/errors.ts'
import { makeElementNames } from '../fields.ts'
import { type ItemReader, makeItemReader } from './item-reader.ts'
import type { ReportVisitor } from './report-visitor.ts'
import { makePolicyReader, type PolicyReader } from './policy-reader.ts'
import { refuseRoot } from './wrong-root.ts'

const DEPTH_MAX = 64
const PROPERTY_CHARS_MAX = 100_000
const HOST_NAME_CHARS_MAX = 4096
/** NessusClientData_v2, Report, ReportHost, ReportItem: a child of an item closes down to this depth. */
const ITEM_DEPTH = 4
/** NessusClientData_v2: the Policy block closes down to it. */
const POLICY_DEPTH = 1

type Place = 'outside' | 'root' | 'policy' | 'report' | 'host' | 'properties' | 'tag' | 'item' | 'child' | 'passed over'

export class ReportPlaces {
  /** Elements opened and closed so far, elements open now, and what was met. */
  readonly seen = { events: 0, depth: 0, reports: 0, policies: 0 }
  readonly #visitor: ReportVisitor
  readonly #item: ItemReader
  readonly #fieldOfElement = makeElementNames()
  #policy: PolicyReader | undefined
  #place: Place = 'outside'
  #back: Place = 'outside'
  #backDepth = 0
  #child = ''
  #tag = ''
  #text = ''

  constructor(visitor: ReportVisitor) {
    this.#visitor = visitor
    this.#item = makeItemReader(visitor)
  }

  open(element: SaxesTagPlain): void {
    this.seen.events++
    if (++this.seen.depth > DEPTH_MAX) throw new PermanentError(`elements are nested more than ${DEPTH_MAX} deep`)
    this.#place = this.#enter(element.name, element.attributes)
  }

  close(): void {
    this.seen.events++
    this.seen.depth--
    this.#place = this.#leave()
  }

  characters(chars: string): void {
    if (this.#place === 'policy') this.#policy?.characters(chars)
    else if (this.#place === 'child') this.#text += this.#item.allow(chars)
    else if (this.#place === 'tag' && this.#text.length + chars.length <= PROPERTY_CHARS_MAX) this.#text += chars
  }

  /** Keeps the texts of a child's own elements apart. */
  #part(): void {
    if (this.#text !== '' && !this.#text.endsWith('\n')) this.#text += '\n'
  }

  #enter(name: string, attributes: Record<string, string>): Place {
    switch (this.#place) {
      case 'item':
        this.#child = this.#fieldOfElement(name)
        this.#text = ''
        for (const key in attributes) {
          this.#item.child(this.#fieldOfElement(`${this.#child}_${key}`), attributes[key] ?? '')
        }
        return 'child'
      case 'host':
        if (name === 'HostProperties') return 'properties'
        if (name !== 'ReportItem') break
        this.#item.open(attributes)
        return 'item'
      case 'properties':
        if (name !== 'tag') break
        this.#tag = attributes['name'] ?? ''
        this.#text = ''
        return 'tag'
      case 'report':
        if (name !== 'ReportHost') break
        this.#visitor.host(hostName(attributes['name']))
        return 'host'
      case 'root':
        if (name === 'Policy') {
          this.seen.policies++
          this.#policy = makePolicyReader()
          return 'policy'
        }
        if (name !== 'Report') break
        this.seen.reports++
        this.#visitor.report(attributes['name'] ?? '')
        return 'report'
      case 'policy':
        this.#policy?.open(name)
        return 'policy'
      case 'outside':
        refuseRoot(name)
        return 'root'
      case 'child':
        this.#part()
        return 'child'
      case 'passed over':
        return 'passed over'
      case 'tag':
    }
    this.#back = this.#place
    this.#backDepth = this.seen.depth
    return 'passed over'
  }

  #leave(): Place {
    switch (this.#place) {
      case 'child':
        // A child's own elements are rare; their texts are the child's, a line each.
        if (this.seen.depth > ITEM_DEPTH) {
          this.#part()
          return 'child'
        }
        this.#item.child(this.#child, this.#text)
        return 'item'
      case 'policy':
        if (this.seen.depth > POLICY_DEPTH) {
          this.#policy?.close()
          return 'policy'
        }
        if (this.#policy) this.#visitor.policy(this.#policy.done())
        return 'root'
      case 'passed over':
        return this.seen.depth < this.#backDepth ? this.#back : 'passed over'
      case 'item':
        this.#item.close()
        return 'host'
      case 'tag':
        this.#visitor.property(this.#tag, this.#text.trim())
        return 'properties'
      case 'properties':
        return 'host'
      case 'host':
        return 'report'
      case 'report':
        return 'root'
      case 'root':
      case 'outside':
        return 'outside'
    }
  }
}

function hostName(name: string | undefined): string {
  if (name === undefined || name.trim() === '') throw new PermanentError('a ReportHost without a name')
  if (name.length > HOST_NAME_CHARS_MAX) throw new PermanentError('the name of a ReportHost is too long')
  return name.trim()
}
