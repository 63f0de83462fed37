/** Reads a target as addresses. */
import { BlockList, isIP } from 'node:net'
import { withoutZone } from '../hosts/address.ts'

/** Addresses of one family. A list by itself would take an IPv4 address for one of `::/0`. */
export interface AddressBlock {
  readonly family: 'ipv4' | 'ipv6'
  readonly list: BlockList
}

/** The addresses that `target` (an address, a CIDR, or a range `a-b`) stands for; `undefined` when it is a name. */
export function addressesOf(target: string): AddressBlock | undefined {
  const list = new BlockList()
  const [network = '', prefix] = target.split('/')
  const [first = '', last] = target.split('-')
  try {
    if (prefix !== undefined && isIP(network)) list.addSubnet(network, Number(prefix), familyOf(network))
    else if (last !== undefined && isIP(first)) list.addRange(first, lastOf(first, last), familyOf(first))
    else if (isIP(target)) list.addAddress(target, familyOf(target))
    else return undefined
  } catch {
    return undefined
  }
  return { list, family: familyOf(isIP(network) ? network : first) }
}

/** Whether `address` is one of `block`. */
export function isInBlock(block: AddressBlock, address: string | undefined): boolean {
  const plain = withoutZone(address ?? '')
  return isIP(plain) !== 0 && familyOf(plain) === block.family && block.list.check(plain, block.family)
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')
/** `10.0.0.1-20` means up to 10.0.0.20. */
const lastOf = (first: string, last: string): string =>
  isIP(last) ? last : `${first.slice(0, first.lastIndexOf('.') + 1)}${last}`
