/** What reads input takes time in proportion to it, whatever the input is: every argument of every tool, and every other text from outside. */
import { describe, expect, test } from 'vitest'
import * as v from 'valibot'
import { tools } from '../../functions/index.ts'
import { nearNames } from '../../lib/base/near-names.ts'
import { byteRange } from '../../lib/gateway/http/byte-range.ts'
import { formFile } from '../../lib/gateway/http/form-file.ts'
import { readResultsQuery } from '../../lib/gateway/http/results-query.ts'
import { redactText } from '../../lib/observe/redact.ts'
import { parseTraceparent } from '../../lib/observe/trace.ts'
import { KNOWN_FIELDS } from '../../lib/reports/fields.ts'
import { makeNessusParser } from '../../lib/reports/parse/nessus-parser.ts'
import { makeXmlRepairs } from '../../lib/reports/parse/xml-repairs.ts'
import { makeFieldCatalogue } from '../../lib/reports/query/field-catalogue.ts'
import { predicateOf } from '../../lib/reports/query/predicate.ts'
import { sortFields } from '../../lib/reports/query/sort-rows.ts'
import { checkArguments } from '../../lib/runtime/check-arguments.ts'
import { targetMatches } from '../../lib/scanners/target-policy.ts'
import { parseTargets } from '../../lib/scanners/targets.ts'
import { growthOf, RATIO_MAX } from './support/growth.ts'

const TEXTS: readonly ((length: number) => string)[] = [
  ...['a', '1', ' ', '.', ':', '-', '/', ',', '\n', '"', '[', '{', '<', '&', '\\', '%', '\0', 'é', '😀'].map(
    (pump) => (length: number) => pump.repeat(length / pump.length),
  ),
  ...['1.', 'a,', 'a ', '1-', '10.0.0.1,', '10.0.0.1 - ', '::', 'a.a', '>=', '">', 'password=', '"a":1,'].map(
    (pump) => (length: number) => pump.repeat(length / pump.length),
  ),
  (length) => `>=a${' '.repeat(length)}b`,
  (length) => `a${' '.repeat(length)}- b`,
  (length) => `${'['.repeat(length / 2)}${']'.repeat(length / 2)}`,
]

const catalogue = makeFieldCatalogue([])
const visitor = new Proxy({}, { get: () => () => {} })
const parse = (text: string) => {
  const parser = makeNessusParser(visitor as never, makeXmlRepairs())
  parser.write(text)
}
const item = (inner: string) =>
  `<NessusClientData_v2><Report name="x"><ReportHost name="h"><ReportItem port="1" pluginID="1" severity="1" ${inner}</ReportItem>`

const READERS: readonly (readonly [what: string, read: (text: string) => unknown])[] = [
  ['targets', (text) => parseTargets(text, { entriesMax: 1e9, bytesMax: 1e9 })],
  ['a target filter', (text) => targetMatches(text, ['10.0.0.1', 'a.example', text])],
  ['a sort key', (text) => sortFields(text, catalogue)],
  ['a field', (text) => catalogue.field(text, 'filters')],
  ['near names', (text) => nearNames(text, KNOWN_FIELDS.keys())],
  ['a range', (text) => byteRange(text, 1000)],
  ['a trace', (text) => parseTraceparent(text)],
  ['a query of results', (text) => readResultsQuery({ filters: text })],
  ['fields in an address', (text) => readResultsQuery({ custom_fields: text, sort: text })],
  ['a line of the log', (text) => redactText(text)],
  ['XML text', (text) => parse(item(`><description>${text}`))],
  ['XML markup', (text) => parse(text)],
  ['an XML attribute', (text) => parse(item(`a="${text}"`))],
  ...[...KNOWN_FIELDS.values()]
    .filter((field, at, all) => all.findIndex(({ type }) => type === field.type) === at)
    .map((field) => [`a filter by ${field.type}`, (text: string) => predicateOf(field, text)] as const),
]

/** The growth on the text that is hardest on `work`. */
async function worstOf(work: (text: string) => unknown): Promise<number> {
  let worst = 0
  for (const make of TEXTS) worst = Math.max(worst, await growthOf(work, make))
  return worst
}

describe('every text from outside', () => {
  test.each(READERS)('%s', async (_what, read) => {
    expect(await worstOf(read)).toBeLessThan(RATIO_MAX)
  })

  test('a form, in pieces', async () => {
    const read = async (text: string) => {
      async function* pieces() {
        const form = Buffer.from(`--b\r\ncontent-disposition: form-data; filename="a"\r\n\r\n${text}`)
        for (let at = 0; at < form.length; at += 100) yield form.subarray(at, at + 100)
      }
      for await (const piece of formFile(pieces(), 'multipart/form-data; boundary=b')) void piece
    }
    expect(await worstOf(read)).toBeLessThan(RATIO_MAX)
  })
})

/** Many of what one is harmless. */
const CROWDS = [
  ['a list of texts', (count: number): object => Array.from({ length: count }, (_, n) => `a${n}`)],
  [
    'an object of many keys',
    (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n])),
  ],
] as const

describe('every argument of every tool', { timeout: 60_000 }, () => {
  test.each(tools.map((tool) => [tool.name, tool] as const))('%s', async (name, tool) => {
    const check = (args: object) => checkArguments(name, tool.arguments, args as never)
    for (const argument of Object.keys(tool.arguments.entries)) {
      let worst = await worstOf((text) => check({ [argument]: text }))
      for (const [, make] of CROWDS)
        worst = Math.max(worst, await growthOf((many) => check({ [argument]: many }), make))
      expect({ argument, slow: worst > RATIO_MAX }).toEqual({ argument, slow: false })
    }
    expect(await growthOf(check, CROWDS[1][1])).toBeLessThan(RATIO_MAX)
  })
})

test('all kinds of fields are tried', () => {
  const types = new Set([...KNOWN_FIELDS.values()].map(({ type }) => type))
  expect(READERS.filter(([what]) => what.startsWith('a filter by'))).toHaveLength(types.size)
  expect(v.is(v.picklist([...types]), 'text')).toBe(true)
})
