/** Addresses in one spelling each, so that equal addresses are equal texts. */
import { isIP, isIPv4 } from 'node:net'

const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i

/**
 * The one spelling of an IPv4 or IPv6 address: `2001:0DB8:0:0::11` and `[2001:db8::11]` are `2001:db8::11`,
 * `::ffff:192.0.2.1` is `192.0.2.1`; a zone (`%eth0`) is kept. `undefined` when `text` is no address.
 */
export function canonicalAddress(text: string): string | undefined {
  const trimmed = text.trim().replace(/^\[(.*)\]$/, '$1')
  if (isIPv4(trimmed)) return trimmed
  if (isIP(trimmed) === 0) return undefined
  const mapped = MAPPED.exec(trimmed)?.[1]
  if (mapped !== undefined) return mapped
  const [address = '', zone] = trimmed.toLowerCase().split('%')
  const short = shortest(groupsOf(address))
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short) ?? []
  if (high !== undefined && low !== undefined) return quadOf(Number.parseInt(high, 16), Number.parseInt(low, 16))
  return zone === undefined ? short : `${short}%${zone}`
}

/** The address without its zone, as a block of addresses takes it. */
export function withoutZone(address: string): string {
  return address.split('%')[0] ?? address
}

function groupsOf(address: string): number[] {
  const plain = address.replace(/(\d{1,3}(?:\.\d{1,3}){3})$/, (quad) => {
    const [a = 0, b = 0, c = 0, d = 0] = quad.split('.').map(Number)
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
  })
  const [left = '', right] = plain.split('::')
  const numbers = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const before = numbers(left)
  if (right === undefined) return before
  const after = numbers(right)
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
}

/** RFC 5952: the longest run of two zeros or more is left out, the first one among equals. */
function shortest(groups: readonly number[]): string {
  let start = -1
  let length = 1
  for (let at = 0; at < groups.length; at++) {
    let run = 0
    while (groups[at + run] === 0) run++
    if (run > length) [start, length] = [at, run]
    at += run
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':')
  return start < 0 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`
}

const quadOf = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join('.')
