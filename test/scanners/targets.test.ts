import { describe, expect, test } from 'vitest'
import { PermanentError } from '../../lib/base/errors.ts'
import { parseTargets } from '../../lib/scanners/targets.ts'

describe('parseTargets', () => {
  test.each([
    ['10.0.0.1', ['10.0.0.1'], 1],
    ['10.0.0.1, 10.0.0.2\n10.0.0.3 10.0.0.4;10.0.0.5', ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5'], 5],
    ['10.0.0.0/24', ['10.0.0.0/24'], 256],
    ['10.0.0.77/24', ['10.0.0.0/24'], 256],
    ['10.0.0.1-20', ['10.0.0.1-10.0.0.20'], 20],
    ['10.0.0.1-10.0.1.0', ['10.0.0.1-10.0.1.0'], 256],
    ['10.0.0.1 - 10.0.0.20', ['10.0.0.1-10.0.0.20'], 20],
    ['10.0.0.0-255', ['10.0.0.0/24'], 256],
    ['2001:DB8::1', ['2001:db8::1'], 1],
    ['2001:db8::/126', ['2001:db8::/126'], 4],
    ['2001:db8::1-2001:db8::5', ['2001:db8::1-2001:db8::5'], 5],
    ['::ffff:10.0.0.5', ['10.0.0.5'], 1],
    ['Web.Example.org. web.example.org', ['web.example.org'], 1],
    ['xn--bcher-kva.example, host_1', ['xn--bcher-kva.example', 'host_1'], 2],
  ])('reads %j', (text, list, hosts) => {
    expect(parseTargets(text)).toEqual({ list, hosts, text: list.join(',') })
  })

  test('counts an address once, however many targets cover it', () => {
    expect(parseTargets('10.0.0.0/24 10.0.0.5 10.0.0.250-10.0.1.9').hosts).toBe(266)
  })

  test('counts a network that is larger than a number can say, up to the largest that it can', () => {
    expect(parseTargets('2001:db8::/32').hosts).toBe(Number.MAX_SAFE_INTEGER)
  })

  test.each([
    ['', /at least one/],
    ['10.0.0.256', /"10\.0\.0\.256": expected an IPv4 address/],
    ['10.0.0', /expected an IPv4 address/],
    ['010.0.0.1', /leading zeros/],
    ['2130706433', /expected an IPv4 address/],
    ['0x7f000001', /last part is a number/],
    ['web.0x7f', /last part is a number/],
    ['10.0.0.0/33', /expected a network/],
    ['example.org/24', /expected a network/],
    ['10.0.0.20-10', /low end first/],
    ['10.0.0.1-2001:db8::1', /expected/],
    ['http://example.org/', /got a URL/],
    ['example.org:443', /without a port/],
    ['web[10.0.0.1]', /without brackets/],
    ['fe80::1%eth0', /without a zone/],
    ['-x.example', /expected an address, a network, a range or a host name/],
    [`${'a'.repeat(64)}.example`, /expected an address/],
    [`${'a.'.repeat(130)}b`, /at most 253/],
    ['a b! c? d!', /"b!".*; "c\?"/],
  ])('refuses %j and names the piece', (text, message) => {
    expect(() => parseTargets(text)).toThrow(PermanentError)
    expect(() => parseTargets(text)).toThrow(message)
  })

  test('names five bad pieces and counts the rest', () => {
    expect(() => parseTargets('1 2 3 4 5 6 7')).toThrow(/"5": .*; and 2 more$/)
  })

  test('refuses more entries and more bytes than its limits', () => {
    const limits = { entriesMax: 2, bytesMax: 20 }
    expect(() => parseTargets('a b c', limits)).toThrow('at most 2 entries, got 3')
    expect(() => parseTargets('a'.repeat(21), limits)).toThrow('at most 20 bytes, got 21')
  })

  test('reads ten thousand entries', () => {
    const text = Array.from({ length: 10_000 }, (_, n) => `10.${n >> 8}.${n & 255}.1`).join(' ')
    expect(() => parseTargets(text)).toThrow(/bytes/)
    expect(parseTargets(text, { entriesMax: 10_000, bytesMax: 1 << 20 }).hosts).toBe(10_000)
  })
})
