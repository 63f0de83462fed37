import { describe, expect, test } from 'vitest'
import { isTargetRule, refusedTargets, targetMatches } from '../../lib/scanners/target-policy.ts'

const refused = (allowedTargets: string[], deniedTargets: string[], ...targets: string[]) =>
  refusedTargets({ key: 'dmz/one', allowedTargets, deniedTargets }, targets).map(({ target }) => target)

describe('refusedTargets', () => {
  test('allows everything where no list is set', () => {
    expect(refused([], [], '10.0.0.1', 'web.example.org', '::/0')).toEqual([])
  })

  test('allows only what lies wholly inside one allowed range', () => {
    expect(refused(['10.0.0.0/24'], [], '10.0.0.7', '10.0.0.0/25', '10.0.0.250-10.0.0.255')).toEqual([])
    expect(refused(['10.0.0.0/24'], [], '10.0.0.0/23', '10.0.0.250-10.0.1.1', '10.0.1.1')).toHaveLength(3)
  })

  test('refuses any overlap with a denied range, even inside an allowed one', () => {
    expect(refused(['10.0.0.0/8'], ['10.9.0.0/16'], '10.9.1.1', '10.0.0.0/8', '10.8.0.0-10.9.0.0')).toHaveLength(3)
    expect(refused(['10.0.0.0/8'], ['10.9.0.0/16'], '10.8.0.0/16')).toEqual([])
  })

  test('sees through an IPv4 address in IPv6 clothes', () => {
    expect(refused([], ['10.0.0.0/8'], '::ffff:10.1.2.3', '::ffff:a01:203', '::/0')).toHaveLength(3)
  })

  test.each([
    ['mapped', '::ffff:10.0.0.1'],
    ['compatible', '::10.0.0.1'],
    ['translated', '::ffff:0:10.0.0.1'],
    ['NAT64', '64:ff9b::10.0.0.1'],
    ['NAT64, as a network', '64:ff9b::a00:0/120'],
    ['NAT64 of a site', '64:ff9b:1::10.0.0.1'],
    ['NAT64 of a site, around the middle', '64:ff9b:1:0a00:0000:0100::'],
    ['6to4', '2002:a00:1::1'],
    ['6to4, as a network', '2002:a00::/24'],
    ['Teredo, the client', '2001:0:c000:201:0:0:f5ff:fffe'],
    ['Teredo, the server', '2001:0:a00:1:0:0:3fff:fdfe'],
    ['ISATAP', '2001:db8::5efe:10.0.0.1'],
    ['ISATAP of a public address', 'fe80::200:5efe:10.0.0.1'],
    ['all there is', '::/0'],
  ])('sees through a denied address that is %s: %s', (_coat, target) => {
    expect(refused([], ['10.0.0.0/24'], target)).toEqual([target])
    expect(refused([], ['10.0.0.1'], target)).toEqual([target])
    expect(refused(['::/0', '0.0.0.0/0'], ['10.0.0.1'], target)).toEqual([target])
    // The address without its coat is denied by a rule that wears it.
    expect(refused([], [target], '10.0.0.1')).toEqual(['10.0.0.1'])
  })

  test('lets an address in a coat pass that stands for nothing denied', () => {
    const targets = [
      '64:ff9b::10.0.1.1',
      '2002:a01::1',
      '2001:0:c000:201:0:0:3fff:fdfe',
      '2001:db8::1',
      '2001:db8::/64',
    ]
    expect(refused([], ['10.0.0.0/24'], ...targets)).toEqual([])
  })

  test('takes a denied network of all such addresses for what it says, and for no IPv4 address', () => {
    const coats = ['64:ff9b::/96', '2002::/16', '2001::/32', '64:ff9b:1::/48']
    expect(refused([], coats, '10.0.0.1', '192.0.2.0/24')).toEqual([])
    expect(refused([], coats, '64:ff9b::1', '2002::1', '2001:0:1::', '64:ff9b:1::5')).toHaveLength(4)
  })

  test.each(['127.0.0.1', '::1', '0.0.0.0', '::', '127.0.0.0/8'])(
    'denies the machine itself by all its names: %s',
    (rule) => {
      const names = [
        '127.0.0.1',
        '127.1.2.3',
        '::1',
        '0.0.0.0',
        '::',
        '::ffff:127.0.0.1',
        '64:ff9b::127.0.0.1',
        '::/120',
      ]
      expect(refused([], [rule], ...names)).toEqual(names)
      expect(refused([], [rule], '128.0.0.1', '::2:0:0:1', '10.0.0.0/8')).toEqual([])
    },
  )

  test('does not take an allowed network for the IPv4 addresses that hide in it', () => {
    expect(refused(['::/0'], [], '64:ff9b::10.0.0.1', '2002:a00:1::1')).toHaveLength(2)
    expect(refused(['::/0', '10.0.0.0/8'], [], '64:ff9b::10.0.0.1', '2002:a00:1::1')).toEqual([])
    expect(refused(['64:ff9b::/96', '2002:a00::/24'], [], '64:ff9b::10.0.0.1', '2002:a00:1::1')).toEqual([])
    expect(refused(['10.0.0.0/8'], [], '64:ff9b::10.0.0.1', '2002:a00:1::1')).toHaveLength(2)
  })

  test('does not take an allowed ::/0 for every IPv4 address', () => {
    expect(refused(['::/0'], [], '10.0.0.1')).toEqual(['10.0.0.1'])
  })

  test('compares names with patterns, exact or *.suffix', () => {
    const allowed = ['*.example.org', 'host1']
    expect(refused(allowed, [], 'WEB.example.org', 'a.b.example.org', 'host1')).toEqual([])
    expect(refused(allowed, [], 'example.org', 'evilexample.org', 'host1.example.com')).toHaveLength(3)
    expect(refused([], ['*.example.org'], 'web.example.org.', 'other.example.com')).toEqual(['web.example.org.'])
  })

  test('refuses a name that no pattern allows as soon as addresses are ruled, and says why', () => {
    const [first] = refusedTargets({ key: 'dmz/one', allowedTargets: ['10.0.0.0/8'], deniedTargets: [] }, ['web'])
    expect(first?.reason).toMatch(/^dmz\/one has allowed_targets .* names are not resolved here/)
    expect(refused([], ['10.0.0.0/8'], 'web')).toEqual(['web'])
    expect(refused(['0.0.0.0/0', '*'], ['10.0.0.0/8'], 'web', '11.0.0.1')).toEqual([])
  })
})

describe('the forms of the scanner', () => {
  test.each([
    ['a name with an address is judged by the address', 'web[10.0.0.9]', [], ['10.0.0.0/24']],
    ['and by its name where that is denied', 'hr.example.org[10.1.0.9]', [], ['hr.example.org']],
    ['a zone hides nothing', 'fe80::9%eth0', [], ['fe80::/64']],
    ['a netmask is a network', '10.1.0.0/16', [], ['10.1.2.0/255.255.255.0']],
    ['what is allowed is allowed by its address', 'web[10.2.0.9]', ['10.0.0.0/15'], []],
  ])('%s', (_, target, allowed, denied) => {
    expect(refused(allowed, denied, target)).toEqual([target])
  })

  test('a name with an allowed address passes, since nobody resolves the name', () => {
    expect(refused(['10.0.0.0/24'], ['10.0.1.0/24'], 'web.example.org[10.0.0.9]', 'fe80::1%eth0')).toEqual([
      'fe80::1%eth0',
    ])
  })

  test('they are found by name, address and network', () => {
    const target = ['web.example.org[10.0.0.9]']
    expect(['web', '*.example.org', '10.0.0.9', '10.0.0.0/24'].map((text) => targetMatches(text, target))).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect(targetMatches('10.0.1.0/24', target)).toBe(false)
  })
})

describe('targetMatches', () => {
  test.each([
    ['10.0.0.5', ['10.0.0.0/24'], true],
    ['10.0.0.0/24', ['10.0.0.5'], true],
    ['10.0.0.5', ['10.0.0.1-10.0.0.9'], true],
    ['10.0.1.5', ['10.0.0.0/24', 'web'], false],
    ['2001:db8::/32', ['2001:db8::5'], true],
    ['example.org', ['web.example.org'], true],
    ['*.example.org', ['web.example.org'], true],
    ['*.example.com', ['web.example.org'], false],
    ['10.0.0.5', ['host-10.0.0.5.example.org'], false],
    ['', ['x'], true],
  ])('%j against %j is %s', (filter, targets, expected) => {
    expect(targetMatches(filter, targets)).toBe(expected)
  })
})

test.each([
  ['10.0.0.0/8', true],
  ['10.0.0.1-20', true],
  ['*.example.org', true],
  ['*', true],
  ['10.0.0.256', false],
  ['10.0.0.0/33', false],
  ['web.*.org', false],
  ['', false],
])('%j as a rule: %s', (rule, expected) => {
  expect(isTargetRule(rule)).toBe(expected)
})
