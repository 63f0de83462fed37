/** Reads a target as addresses. */
import { BlockList, isIP } from 'node:net'
import { withoutZone } from '../hosts/address.ts'

/** The addresses that `target` (an address, a CIDR, or a range `a-b`) stands for; `undefined` when it is a name. */
export function addressesOf(target: string): BlockList | undefined {
  const block = new BlockList()
  try {
    const [network = '', prefix] = target.split('/')
    const [first = '', last] = target.split('-')
    if (prefix !== undefined && isIP(network)) block.addSubnet(network, Number(prefix), familyOf(network))
    else if (last !== undefined && isIP(first)) block.addRange(first, lastOf(first, last), familyOf(first))
    else if (isIP(target)) block.addAddress(target, familyOf(target))
    else return undefined
  } catch {
    return undefined
  }
  return block
}

/** Whether `address` is one of `block`. */
export function within(block: BlockList, address: string | undefined): boolean {
  const plain = withoutZone(address ?? '')
  const family = isIP(plain)
  return family !== 0 && block.check(plain, family === 6 ? 'ipv6' : 'ipv4')
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')
/** `10.0.0.1-20` means up to 10.0.0.20. */
const lastOf = (first: string, last: string): string =>
  isIP(last) ? last : `${first.slice(0, first.lastIndexOf('.') + 1)}${last}`
