/** Goal: whatever an output holds, its reader throws nothing, makes a bounded number of plain rows, and goes over the text a bounded number of times. */
import { describe, expect, test } from 'vitest'
import { INVENTORY } from '../../lib/reports/inventory/kinds.ts'
import type { InventoryRow } from '../../lib/reports/inventory/kinds.ts'
import { joinPatches, makePatchSummary } from '../../lib/reports/inventory/parsers/patches.ts'
import { INVENTORY_PLUGINS } from '../../lib/reports/inventory/plugins.ts'
import { labelled } from './support/labelled.ts'
import { makeRandom, type Random } from './support/random.ts'
import { stepsOver } from './support/text-steps.ts'

const OUTPUTS = Number(process.env['OUTPUTS'] ?? 150)
const ROWS_MAX = 50_000
const VALUE_CHARS_MAX = 250
/** One reader of each kind of output, with the plugin that it is of. */
const READERS = [
  ...new Map([...INVENTORY_PLUGINS].map(([id, { parse, kind }]) => [parse, { id, parse, kind }])).values(),
]

/** What readers look for, whole and in parts. */
const PIECES =
  `ii|rc|  ii  acl:amd64  2.2.53-6|  bash-4.2.46-34.el7|1|  -|-1|[version |[version 1.2]|[installed on |[installed on 2017/09/04]|]|The following updates are installed|cpe:/|cpe:/a:|cpe:/a:b:c_d:1:2|cpe:/o:x|Server:|Apache/2.4|/|SSH version : SSH-2.0-OpenSSH_7.6|SSH version :|Path : /opt|URL : http://x|Version : 1.2.3|Installed version :|Subject Name: |Issuer Name:|Common Name: x|Serial Number: 01|Not Valid Before: Mar  1 00:00:00 2025 GMT|Not Valid After: Xxx 99 99:99:99 9999 GMT|Not Valid After: Sep  4 03:58:04 2055 GMT|Key Length: 99999999999 bits|User : c|Groups : sudo|Name : adamd|Disabled : True|Lockout : TRUE|- | (|- Admin (id 500)|[ System Accounts ]|Last Successful logon : Admin|Port 80/tcp was found to be open|was able to find|A web server is running on this port through TLSv1.2.| answered on this port|The service closed the connection|The Win32 process 'svchost.exe' is listening on this port|'|Executable : /bin/x|Remote operating system : Linux|Confidence level : 80|[ Title (117410) ]|+ Action to take : Upgrade.|+|- KB4011574 (5)|:| : |::|__proto__ : 1|constructor : x`.split(
    '|',
  )
const ODD = [
  '\u0000',
  '\u001b[31m',
  '\u2028',
  '🔒',
  '\ud800',
  'İ',
  '\r',
  '\t',
  '\u00a0',
  'Größe',
  'a'.repeat(251),
  'b'.repeat(2001),
]

function generateOutput(random: Random): string {
  const lines: string[] = []
  for (let count = random.below(40); count > 0; count--) {
    const parts = Array.from({ length: random.below(5) }, () => random.pick(random.chance(0.85) ? PIECES : ODD))
    lines.push(`${random.pick(['', '  ', '\t', ' - '])}${parts.join(random.pick(['', ' ', ': ']))}`)
  }
  const text = lines.join(random.pick(['\n', '\n\n', '\r\n']))
  return random.chance(0.2) ? text.slice(random.below(text.length + 1)) : text
}

function badRows(kind: keyof typeof INVENTORY, rows: readonly InventoryRow[]): unknown[] {
  const known = new Set(Object.keys(INVENTORY[kind].fields))
  return rows.filter(
    (row) =>
      row.kind !== kind ||
      row.fields.length === 0 ||
      row.fields.some(
        ([name, value]) =>
          !known.has(name) || value === '' || value.length > VALUE_CHARS_MAX || /[\u0000-\u001f\u007f]/.test(value), // oxlint-disable-line no-control-regex -- that there are none
      ),
  )
}

describe('any output', () => {
  test.each(READERS)('is read without a throw into plain rows by the reader of plugin $id', ({ id, parse, kind }) => {
    for (let seed = 0; seed < OUTPUTS; seed++) {
      const output = generateOutput(makeRandom(seed * 1009 + id))
      const scanned = seed % 3 === 0 ? undefined : ['2026-03-02T10:00:00', 'no date', '2026-03-02T10:00:00Z'][seed % 4]
      labelled(`seed ${seed}: ${JSON.stringify(output)}`, () => {
        const { rows, odd } = parse(output, seed % 2 === 0 ? 'Apache Log4j Installed' : '', scanned)
        expect(badRows(kind, rows)).toEqual([])
        expect(rows.length > 0 || odd || output.trim() !== '').toBe(true)
      })
    }
  })

  test.each(READERS)('takes its time in proportion to its length, by the reader of plugin $id', ({ id, parse }) => {
    for (const piece of [...PIECES, ...ODD]) {
      for (const end of ['', ' ', '\n', '\n  ']) {
        const steps = [100, 800].map((times) => {
          const text = `${piece}${end}`.repeat(times)
          return stepsOver(() => parse(text, 'A plugin', undefined)) / text.length
        })
        labelled(`${id}: ${JSON.stringify(piece + end)}, ${steps.join(' then ')} for each character`, () =>
          expect(steps[1]).toBeLessThan(Math.max(steps[0]! * 2, 20)),
        )
      }
    }
  })

  test.each(READERS)('makes no more rows than there may be, by the reader of plugin $id', ({ parse }) => {
    const lines = ['  ii  a  1', '- KB4011574', '- a (User)', 'Name : a', 'User : a', 'cpe:/a:b:c:1', 'Executable : a']
    const more = [
      'Version : 1',
      'Port 80/tcp was found to be open',
      'A b is running on this port',
      'Last Successful logon : a',
    ]
    const win = "The Win32 process 'a' is listening on this port"
    const text = [...lines, ...more, win, ''].join('\n').repeat(ROWS_MAX + 10)
    const { rows, odd } = parse(text.slice(0, 8 * 1024 * 1024), 'A plugin', undefined)
    expect(rows.length).toBeLessThanOrEqual(ROWS_MAX)
    expect(rows.length < ROWS_MAX || odd).toBe(true)
  })
})

describe('the patch report of a host', () => {
  const summaryOf = (count: number) => {
    const summary = makePatchSummary()
    for (let at = 0; at < count; at++) {
      summary.property(`patch-summary-txt-${at.toString(16)}`, `Title ${at}: Upgrade to Product ${at}`)
      summary.property(`patch-summary-cves-${at.toString(16)}`, `CVE-2026-${1000 + at}`)
    }
    return summary
  }
  const rowsOf = (count: number): InventoryRow[] =>
    Array.from({ length: count }, (_, at) => ({
      kind: 'patches',
      fields: [['patch', `Upgrade to Product ${count - 1 - at}`]],
    }))

  test('is joined with its properties in proportion to both', () => {
    const steps = [100, 800].map((count) => stepsOver(() => joinPatches(rowsOf(count), summaryOf(count))) / count)
    expect(steps[1]).toBeLessThan(steps[0]! * 2)
  })

  test('each row finds its own property, once', () => {
    const joined = joinPatches([...rowsOf(3), ...rowsOf(1)], summaryOf(3))
    expect(joined.map(({ fields }) => fields.find(([name]) => name === 'resolves')?.[1])).toEqual([
      'CVE-2026-1002',
      'CVE-2026-1001',
      'CVE-2026-1000',
      undefined,
    ])
  })
})
