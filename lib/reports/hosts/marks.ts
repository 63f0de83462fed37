/**
 * What a host can be recognised by, in order of trust. The table is the one
 * place that says which property of a report is which mark, what of it is worth
 * nothing (an address of this machine, a MAC that many share), and how it is spelled.
 */
import { canonicalAddress } from '../../base/ip-range.ts'

interface MarkKind {
  /** HostProperties that hold it. */
  readonly tags: readonly string[]
  /** The values in `text`, spelled alike; what cannot tell hosts apart is left out. */
  readonly read: (text: string) => readonly string[]
  readonly says: string
}

/** The most trusted first: two hosts with different marks of one kind are not joined by a less trusted one. */
export const MARKS = {
  tenable_uuid: {
    tags: ['host-uuid', 'tenable-uuid', 'tenable_uuid', 'agent-uuid', 'agent_uuid'],
    read: uuids,
    says: 'the uuid that Tenable or its agent gave it',
  },
  bios_uuid: { tags: ['bios-uuid'], read: uuids, says: 'the uuid of its firmware' },
  mac: { tags: ['mac-address'], read: macs, says: 'its MAC address' },
  address: { tags: ['host-ip'], read: addresses, says: 'its address' },
  fqdn: { tags: ['host-fqdn', 'host-fqdns', 'host-rdns'], read: fqdns, says: 'its full name' },
  netbios: { tags: ['netbios-name'], read: shortNames, says: 'its NetBIOS name' },
  name: { tags: ['hostname'], read: shortNames, says: 'the name that the report gives it' },
} as const satisfies Record<string, MarkKind>

export type Mark = keyof typeof MARKS
export const MARK_KINDS = Object.keys(MARKS) as readonly Mark[]
export type Marks = Readonly<Partial<Record<Mark, readonly string[]>>>

/** HostProperties that are read for marks. */
export const MARK_TAGS: ReadonlySet<string> = new Set(
  Object.values(MARKS).flatMap((kind): readonly string[] => kind.tags),
)

const VALUES_MAX = 32

/** The marks of the host that the report calls `written`, with these properties. */
export function marksOf(written: string, tag: (name: string) => string | undefined): Marks {
  const marks: Partial<Record<Mark, string[]>> = {}
  const add = (kind: Mark, values: readonly string[]): void => {
    if (values.length > 0) marks[kind] = [...new Set([...(marks[kind] ?? []), ...values])].slice(0, VALUES_MAX)
  }
  for (const kind of MARK_KINDS) for (const name of MARKS[kind].tags) add(kind, MARKS[kind].read(tag(name) ?? ''))
  // The name in the report may be any of three things.
  if (canonicalAddress(written) !== undefined) add('address', addresses(written))
  else if (isFqdn(written)) add('fqdn', fqdns(written))
  else add('name', [plain(written)])
  // A short name is one name, whichever way the report learned it.
  add('name', marks.netbios ?? [])
  return marks
}

/** Every name and address a host goes by, in lower case and one spelling. */
export function hostNames(written: string, marks: Marks): string[] {
  const spelled = canonicalAddress(written) ?? written.trim().toLowerCase()
  const { address = [], fqdn = [], netbios = [], name = [] } = marks
  return [...new Set([spelled, ...address, ...fqdn, ...netbios, ...name])]
}

const plain = (text: string): string => text.trim().toLowerCase().replace(/\.$/, '')
const lines = (text: string): string[] =>
  text
    .split(/[\s,]+/)
    .map(plain)
    .filter(Boolean)
const isFqdn = (text: string): boolean => /^[a-z0-9_](?:[a-z0-9_-]*\.)+[a-z][a-z0-9-]*\.?$/i.test(text.trim())

function uuids(text: string): string[] {
  const hex = text.toLowerCase().replaceAll(/[^0-9a-f]/g, '')
  // Boards that were never given one all say the same.
  const worthless = /^(.)\1*$/.test(hex) || hex === '03000200040005000006000700080009'
  return hex.length === 32 && !worthless ? [hex] : []
}

/** Bridges of containers and addresses that routers share (VRRP, HSRP) are the same on many machines. */
const SHARED_MACS = /^(?:0242|00005e0001|00005e0002|00000c07ac|00000c9ff)|^(?:0{12}|f{12})$/

function macs(text: string): string[] {
  return lines(text)
    .map((mac) => mac.replaceAll(/[^0-9a-f]/g, ''))
    .filter((mac) => mac.length === 12 && !SHARED_MACS.test(mac))
}

/** An agent reports itself as 127.0.0.1: that is every machine's address. */
const NO_HOST = /^(?:127\.|0\.0\.0\.0$|::1?$)/

function addresses(text: string): string[] {
  return lines(text)
    .flatMap((address) => canonicalAddress(address) ?? [])
    .filter((address) => !NO_HOST.test(address))
}

function fqdns(text: string): string[] {
  const listed = [...text.matchAll(/"FQDN"\s*:\s*"([^"]{1,255})"/g)].map((match) => plain(match[1] ?? ''))
  return (listed.length > 0 ? listed : lines(text)).filter((name) => isFqdn(name) && !name.startsWith('localhost'))
}

function shortNames(text: string): string[] {
  return lines(text)
    .map((name) => name.slice(name.lastIndexOf('\\') + 1))
    .filter((name) => name !== '' && name !== 'localhost')
}
