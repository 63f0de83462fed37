/**
 * What plugins tell of a host besides its problems: one table of kinds, each
 * with its fields. A row of a kind is asked about as a finding is, by these
 * fields and by those of its host, port and plugin.
 */
import type { Field, FieldType } from '../fields.ts'

export interface Kind {
  readonly fields: Readonly<Record<string, FieldType>>
  /** What its rows are grouped by when the question names nothing. */
  readonly groupBy: readonly string[]
  /** The column that they are ordered by, when that is not the number of hosts. */
  readonly order?: string
  /** Whether only a login shows it: then hosts of which nothing is told are not hosts without it. */
  readonly needsLogin: boolean
  /** Whether silence after a login means that there is none. */
  readonly silentIsNone?: boolean
  readonly says: string
}

export const INVENTORY = {
  software: {
    fields: { software: 'words', version: 'text', installed_on: 'date' },
    groupBy: ['software', 'version'],
    needsLogin: true,
    says: 'entries of the lists of installed software and packages',
  },
  products: {
    fields: { product: 'words', version: 'text', path: 'text', cpe_name: 'text' },
    groupBy: ['product', 'version'],
    needsLogin: false,
    says: 'products that were recognised by banners, files and CPE, seen from outside too',
  },
  certificates: {
    fields: {
      certificate: 'text',
      issuer: 'text',
      valid_from: 'date',
      expires: 'date',
      days_left: 'number',
      key_bits: 'number',
      signature: 'text',
    },
    groupBy: ['expires', 'host', 'port', 'certificate'],
    order: 'expires',
    needsLogin: false,
    says: 'TLS certificates by host and port, the first to expire first',
  },
  accounts: {
    fields: { account: 'words', trait: 'words' },
    groupBy: ['account', 'trait'],
    needsLogin: true,
    says: 'accounts, and what is told of them',
  },
  listeners: {
    fields: { listener: 'words', through: 'text', process: 'words' },
    groupBy: ['port', 'protocol', 'listener', 'process'],
    needsLogin: false,
    says: 'what port scanners found open, services recognised and processes that listen',
  },
  systems: {
    fields: { system: 'words', device: 'text', confidence: 'number', method: 'text' },
    groupBy: ['system', 'confidence', 'method'],
    needsLogin: false,
    says: 'operating systems as recognised, with the confidence in it',
  },
  patches: {
    fields: { patch: 'words', for_plugin: 'number', resolves: 'identifier' },
    groupBy: ['patch'],
    needsLogin: true,
    silentIsNone: true,
    says: "what the scan's own patch report says is to be done",
  },
} as const satisfies Readonly<Record<string, Kind>>

export type InventoryKind = keyof typeof INVENTORY
export const INVENTORY_KINDS = Object.keys(INVENTORY) as readonly InventoryKind[]

/** Every field of every kind. */
export const INVENTORY_FIELDS: ReadonlyMap<string, Field> = new Map(
  Object.values(INVENTORY).flatMap(({ fields }) =>
    Object.entries(fields).map(([name, type]) => [name, { name, type, list: name === 'resolves' }] as const),
  ),
)

/** One row as a parser reads it. */
export interface InventoryRow {
  readonly kind: InventoryKind
  readonly fields: readonly (readonly [name: string, text: string])[]
}

/** What one output tells. `odd`: some of it was not understood, so that it is not all. */
export interface Told {
  readonly rows: readonly InventoryRow[]
  readonly odd: boolean
}
