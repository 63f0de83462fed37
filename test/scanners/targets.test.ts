import { describe, expect, test } from 'vitest'
import { PermanentError } from '../../lib/base/errors.ts'
import { contains, parseIpRange } from '../../lib/base/ip-range.ts'
import { parseTargets } from '../../lib/scanners/targets.ts'

type Span = readonly [from: number, to: number]

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
    ['10.0.0.0/255.255.255.0', ['10.0.0.0/24'], 256],
    ['10.0.0.77/255.255.255.255', ['10.0.0.77'], 1],
    ['10.0-1.3.4-5', ['10.0.3.4/31', '10.1.3.4/31'], 4],
    ['192.168.0-3.*', ['192.168.0.0/22'], 1024],
    ['10.0.*.1-254', Array.from({ length: 256 }, (_, n) => `10.0.${n}.1-10.0.${n}.254`), 65_024],
    ['fe80::1%eth0', ['fe80::1%eth0'], 1],
    ['FE80:0:0:0:216:17ff:fe57:333b%16', ['fe80::216:17ff:fe57:333b%16'], 1],
    ['Web.example.org[10.0.0.5] db[2001:db8::abcd]', ['web.example.org[10.0.0.5]', 'db[2001:db8::abcd]'], 2],
    ['web[10.0.0.5], 10.0.0.5', ['web[10.0.0.5]', '10.0.0.5'], 1],
    ['10.0.0.0/29 !10.0.0.5', ['10.0.0.0-10.0.0.4', '10.0.0.6/31'], 7],
    ['10.0.0.0/24, 10.0.1.1\n!10.0.0.0/25 !10.0.1.1', ['10.0.0.128/25'], 128],
    ['10.0.0.1-9 !10.0.0.1-3 !10.0.0.7-20', ['10.0.0.4-10.0.0.6'], 3],
    ['web[10.0.0.5] db[10.0.0.6] !10.0.0.6', ['web[10.0.0.5]'], 1],
    ['bücher.example, МОСКВА.рф', ['xn--bcher-kva.example', 'xn--80adxhks.xn--p1ai'], 2],
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
    ['example.org/24', /expected a network by its address/],
    ['10.0.0.20-10', /low end first/],
    ['10.0.0.1-2001:db8::1', /expected/],
    ['http://example.org/', /got a URL/],
    ['example.org:443', /without a port/],
    ['Test Host 1[10.0.1.1]', /"Test Host 1\[10\.0\.1\.1\]": expected name\[address\]/],
    ['web[10.0.0.0/24]', /one address within the brackets/],
    ['web[db]', /one address within the brackets/],
    ['web[', /without spaces, such as web\.example\.org\[10/],
    ['web[10.0.0.1]x', /without spaces/],
    ['2001:db8::1%eth0', /only fe80::\/10 has one/],
    ['fe80::/64%eth0', /expected an address before the zone/],
    ['fe80::1%', /name of an interface/],
    ['web%eth0', /expected an address before the zone/],
    ['10.0.0.0/255.0.255.0', /expected a network such as/],
    ['example.org/255.255.255.0', /by its address/],
    ['link6', /link6 stands for all/],
    ['link6%16', /expected an address before the zone/],
    ['10.0.3-1.1', /low end first/],
    ['10.0.0-256.1', /from 0 to 255/],
    ['10.00-1.0.1', /leading zeros/],
    ['*.*.*.1', /at most 1024 spans/],
    ['10.0.0.1 !10.0.0.1', /got nothing/],
    ['10.0.0.1 !10.0.0.2', /"!10\.0\.0\.2": .*it is in none/],
    ['!10.0.0.1', /it is in none/],
    ['10.0.0.0/24 web !10.0.0.2', /names are not resolved here, so web/],
    ['10.0.0.0/24 !web', /"!web": expected an address/],
    ['10.0.0.0/24 ! 10.0.0.1', /"!": /],
    ['☃☃☃.☃\u0000', /expected/],
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

  test('leaves out exactly what is excluded, of any ranges', () => {
    let seed = 1
    const draw = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
    const address = (n: number) => `10.0.${n >> 8}.${n & 255}`
    const span = () => {
      const from = draw(600)
      return [from, from + draw(60)] as const
    }
    for (let round = 0; round < 60; round++) {
      const [wanted, out] = [3, 5].map((count) => Array.from({ length: 1 + draw(count) }, span)) as [Span[], Span[]]
      const all = new Set(wanted.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, n) => from + n)))
      const useful = out.filter(([from, to]) => [...all].some((n) => n >= from && n <= to))
      const left = [...all].filter((n) => !useful.some(([from, to]) => n >= from && n <= to))
      if (left.length === 0) continue
      const text = [
        ...wanted.map(([from, to]) => `${address(from)}-${address(to)}`),
        ...useful.map(([from, to]) => `!${address(from)}-${address(to)}`),
      ].join(' ')
      const read = parseTargets(text)
      expect(read.hosts).toBe(left.length)
      const covered = (n: number) => read.list.some((each) => contains(parseIpRange(each)!, parseIpRange(address(n))!))
      expect(Array.from({ length: 660 }, (_, n) => n).filter(covered)).toEqual(left.toSorted((a, b) => a - b))
      expect(parseTargets(read.text)).toEqual(read)
    }
  })

  test('excludes thousands from thousands in time that grows with their number', () => {
    const many = Array.from({ length: 4000 }, (_, n) => `10.${n >> 8}.${n & 255}`)
    const text = [...many.map((net) => `${net}.0/24`), ...many.map((net) => `!${net}.9`)].join(' ')
    expect(parseTargets(text, { entriesMax: 10_000, bytesMax: 1 << 20 }).hosts).toBe(4000 * 255)
    const fewer = [`10.0.0.0/8`, ...many.map((net) => `!${net}.9`)].join(' ')
    expect(parseTargets(fewer, { entriesMax: 10_000, bytesMax: 1 << 20 }).hosts).toBe(2 ** 24 - 4000)
  })

  test('what a few characters stand for is bounded', () => {
    expect(() => parseTargets(Array.from({ length: 50 }, (_, n) => `${n + 1}.0-3.*.1`).join(' '))).toThrow('got more')
  })

  test('reads ten thousand entries', () => {
    const text = Array.from({ length: 10_000 }, (_, n) => `10.${n >> 8}.${n & 255}.1`).join(' ')
    expect(() => parseTargets(text)).toThrow(/bytes/)
    expect(parseTargets(text, { entriesMax: 10_000, bytesMax: 1 << 20 }).hosts).toBe(10_000)
  })
})
