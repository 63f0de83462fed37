/** Goal: one host has one identity, however a report spells it, and two hosts never share one. */
import { expect, test } from 'vitest'
import { canonicalAddress, isInRange, parseIpRange } from '../../lib/base/ip-range.ts'
import { identifyHosts, makeHostLedger } from '../../lib/reports/hosts/host-ledger.ts'
import { marksOf, hostNames } from '../../lib/reports/hosts/marks.ts'
import { type HostMarks, sameHosts } from '../../lib/reports/hosts/same-host.ts'

const host = (name: string, tags: Record<string, string> = {}): HostMarks => ({
  name,
  marks: marksOf(name, (tag) => tags[tag]),
})
const at = (name: string, ip: string, more: Record<string, string> = {}): HostMarks =>
  host(name, { 'host-ip': ip, ...more })
const fqdn = (name: string): Record<string, string> => ({ 'host-fqdn': name })

test.each([
  ['2001:0DB8:0:0:0:0:0:11', '2001:db8::11'],
  ['2001:db8::0011', '2001:db8::11'],
  ['[2001:db8::11]', '2001:db8::11'],
  ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['0:0:0:0:0:0:0:0', '::'],
  ['FE80::1%eth0', 'fe80::1%eth0'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:C000:0201', '192.0.2.1'],
  ['192.0.2.1', '192.0.2.1'],
  ['192.0.2.300', undefined],
  ['web01', undefined],
])('the address %s is spelled %s', (written, spelled) => {
  expect(canonicalAddress(written)).toBe(spelled)
})

/** [what, hosts of the old report, hosts of the new one, identities of the new one as indexes of the old; -1 is new] */
test.each<[string, HostMarks[], HostMarks[], number[]]>([
  ['by address, then by name', [at('192.0.2.40', '192.0.2.40')], [at('srv40.example.org', '192.0.2.40')], [0]],
  ['in other letters', [at('DB01.Corp.Example', '10.0.0.1')], [at('db01.corp.example', '10.0.0.1')], [0]],
  ['in another spelling of IPv6', [host('2001:0DB8:0:0::50')], [host('2001:db8::50')], [0]],
  ['renamed at one address', [at('db01', '10.0.0.1')], [at('DB01.corp.example', '10.0.0.1')], [0]],
  ['known by its full name alone', [at('10.0.0.1', '10.0.0.1', fqdn('a.example'))], [host('a.example')], [0]],
  [
    'at another address, with its MAC',
    [at('10.0.0.1', '10.0.0.1', { 'mac-address': '00:11:22:AA:BB:CC\n00:11:22:aa:bb:cd' })],
    [at('10.0.0.9', '10.0.0.9', { 'mac-address': '00-11-22-aa-bb-cd' })],
    [0],
  ],
  [
    'at another address, with its firmware uuid in other letters',
    [at('a', '10.0.0.1', { 'bios-uuid': '564D1F2E-0000-1111-2222-333344445555' })],
    [at('b', '10.0.0.2', { 'bios-uuid': '564d1f2e-0000-1111-2222-333344445555' })],
    [0],
  ],
  ['at another address, under the one name (HL3)', [at('a.example', '10.0.0.1')], [at('a.example', '10.0.0.2')], [0]],
  ['two printers', [at('printer', '10.0.0.1'), at('printer', '10.0.0.2')], [at('printer', '10.0.0.2')], [1]],
  [
    'two printers, one moved (HL3)',
    [at('printer', '10.0.0.1'), at('printer', '10.0.0.2')],
    [at('printer', '10.0.0.3')],
    [-1],
  ],
  [
    'one address, two MACs (HL2)',
    [at('10.0.0.1', '10.0.0.1', { 'mac-address': '00:11:22:33:44:55' })],
    [at('10.0.0.1', '10.0.0.1', { 'mac-address': '00:11:22:33:44:66' })],
    [-1],
  ],
  [
    'one name and MAC that every container bridge has',
    [at('a', '10.0.0.1', { 'mac-address': '02:42:ac:11:00:02' })],
    [at('b', '10.0.0.2', { 'mac-address': '02:42:ac:11:00:02' })],
    [-1],
  ],
  ['two agents, each at 127.0.0.1', [at('laptop-a', '127.0.0.1')], [at('laptop-b', '127.0.0.1')], [-1]],
  [
    'firmware that nobody numbered',
    [at('a', '10.0.0.1', { 'bios-uuid': '00000000-0000-0000-0000-000000000000' })],
    [at('b', '10.0.0.2', { 'bios-uuid': '00000000-0000-0000-0000-000000000000' })],
    [-1],
  ],
  [
    'two laptops that swapped addresses (HL5)',
    [at('a.example', '10.0.0.1'), at('b.example', '10.0.0.2')],
    [at('a.example', '10.0.0.2'), at('b.example', '10.0.0.1')],
    [0, 1],
  ],
  [
    'two names at one address',
    [at('a.example', '10.0.0.1'), at('b.example', '10.0.0.1')],
    [at('b.example', '10.0.0.1'), at('a.example', '10.0.0.1')],
    [1, 0],
  ],
  [
    'one machine with two addresses',
    [
      at('10.0.0.1', '10.0.0.1', { 'bios-uuid': 'a'.repeat(31) + '1' }),
      at('10.9.0.1', '10.9.0.1', { 'bios-uuid': 'a'.repeat(31) + '1' }),
    ],
    [
      at('10.9.0.1', '10.9.0.1', { 'bios-uuid': 'a'.repeat(31) + '1' }),
      at('10.0.0.1', '10.0.0.1', { 'bios-uuid': 'a'.repeat(31) + '1' }),
    ],
    [1, 0],
  ],
])('%s', (_, old, current, expected) => {
  const [before = [], after = []] = identifyHosts([old, current])
  const known = before.map(({ identity }) => identity)
  expect(after.map(({ identity }) => known.indexOf(identity))).toEqual(expected)
})

test('a host that was recognised by a name at another address says that it moved, and by what it was known (HL3)', () => {
  const [, [moved] = []] = identifyHosts([[at('a.example', '10.0.0.1')], [at('a.example', '10.0.0.2')]])
  expect(moved).toEqual({ identity: 0, by: 'fqdn', moved: true })
  const [, [stayed] = []] = identifyHosts([[at('a.example', '10.0.0.1')], [at('10.0.0.1', '10.0.0.1')]])
  expect(stayed).toEqual({ identity: 0, by: 'address', moved: false })
})

test('an address that a host gave up is not its own any more (HL4)', () => {
  const ledger = makeHostLedger()
  ledger.add([at('a.example', '10.0.0.1')])
  ledger.add([at('a.example', '10.0.0.2')])
  expect(ledger.add([at('10.0.0.1', '10.0.0.1')])).toEqual([{ identity: 1, moved: false }])
  expect(ledger.identities[0]).toMatchObject({ key: 'address:10.0.0.1', names: ['a.example', '10.0.0.2', '10.0.0.1'] })
  expect(ledger.identities[1]?.key).toBe('address:10.0.0.1#2')
})

test.each<[string, HostMarks[], number[]]>([
  ['written twice', [at('10.0.0.1', '10.0.0.1'), at('10.0.0.1', '10.0.0.1')], [0, 0]],
  ['by address and by name', [at('10.0.0.1', '10.0.0.1'), at('a.example', '10.0.0.1')], [0, 0]],
  ['by its short and its full name', [at('a', '10.0.0.1'), at('A.example', '10.0.0.1')], [0, 0]],
  ['without properties the second time', [at('a.example', '10.0.0.1'), host('A.EXAMPLE')], [0, 0]],
  ['one name, two addresses', [at('printer', '10.0.0.1'), at('printer', '10.0.0.2')], [0, 1]],
  ['two names, one address', [at('a.example', '10.0.0.1'), at('b.example', '10.0.0.1')], [0, 1]],
])('in one report, a host %s (HL1)', (_, hosts, expected) => {
  expect(sameHosts(hosts)).toEqual(expected)
  const identities = identifyHosts([hosts])[0]!.map(({ identity }) => identity)
  expect(identities.map((identity) => identities.indexOf(identity))).toEqual(expected)
})

test('a host goes by every name that the report gives it', () => {
  const { name, marks } = at('2001:0DB8::11', '2001:db8::11', {
    'host-fqdn': 'A.Example.',
    'host-fqdns': '[{"FQDN":"b.example","sources":["x"]}]',
    'netbios-name': 'CORP\\DC01',
  })
  expect(hostNames(name, marks)).toEqual(['2001:db8::11', 'a.example', 'b.example', 'dc01'])
})

test('an address is in a range whatever its spelling and its zone', () => {
  const [network, v4] = [parseIpRange('fe80::/16')!, parseIpRange('192.0.2.0/24')!]
  expect(isInRange(network, 'FE80:0::1%eth0')).toBe(true)
  expect(isInRange(v4, '::ffff:192.0.2.7')).toBe(true)
  expect(isInRange(network, '192.0.2.7')).toBe(false)
  expect(isInRange(v4, undefined)).toBe(false)
})
