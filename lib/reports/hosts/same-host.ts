/**
 * Which ReportHosts of one report are the same host, written more than once by
 * a tool that merged reports. Two names at one address stay two (virtual hosts);
 * one name at two addresses is two hosts.
 */
import { canonicalAddress } from '../../base/ip-range.ts'
import { type Mark, MARK_KINDS, type Marks } from './marks.ts'

export interface HostMarks {
  /** As the report writes it. */
  readonly name: string
  readonly marks: Marks
}

/** For each host, the index of the first one that is the same host. */
export function sameHosts(hosts: readonly HostMarks[]): number[] {
  const byName = new Map<string, number[]>()
  const byAddress = new Map<string, number[]>()
  return hosts.map((host, index) => {
    const name = spelled(host.name)
    const addresses = host.marks.address ?? []
    const candidates = [...(byName.get(name) ?? []), ...addresses.flatMap((each) => byAddress.get(each) ?? [])]
    const same = candidates.find((candidate) => isSame(host, hosts[candidate] as HostMarks))
    if (same !== undefined) return same
    note(byName, name, index)
    for (const address of addresses) note(byAddress, address, index)
    return index
  })
}

function note(map: Map<string, number[]>, key: string, index: number): void {
  const known = map.get(key)
  if (known) known.push(index)
  else map.set(key, [index])
}

export const spelled = (name: string): string => canonicalAddress(name) ?? name.trim().toLowerCase()

function isSame(a: HostMarks, b: HostMarks): boolean {
  if (spelled(a.name) === spelled(b.name)) return !contradicted(a.marks, b.marks, 'fqdn')
  return shares(a.marks, b.marks, 'address') && !contradicted(a.marks, b.marks, 'address') && namesFit(a, b)
}

/** `db01` and `db01.example.org` are one name, and an address is a name for anything that has it. */
function namesFit(a: HostMarks, b: HostMarks): boolean {
  if (canonicalAddress(a.name) !== undefined || canonicalAddress(b.name) !== undefined) return true
  const [first = ''] = spelled(a.name).split('.')
  return first === spelled(b.name).split('.')[0] && !(spelled(a.name).includes('.') && spelled(b.name).includes('.'))
}

export function shares(a: Marks, b: Marks, kind: Mark): boolean {
  const other = b[kind]
  return other !== undefined && (a[kind]?.some((value) => other.includes(value)) ?? false)
}

/** Whether a mark that is trusted more than `kind` tells the two apart. */
export function contradicted(a: Marks, b: Marks, kind: Mark): boolean {
  for (const stronger of MARK_KINDS) {
    if (stronger === kind) return false
    if (differs(a, b, stronger)) return true
    if (shares(a, b, stronger)) return false
  }
  return false
}

/** Both have marks of this kind, and none in common. */
export function differs(a: Marks, b: Marks, kind: Mark): boolean {
  return a[kind] !== undefined && b[kind] !== undefined && !shares(a, b, kind)
}
