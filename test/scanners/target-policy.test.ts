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
