import { expect, test } from 'vitest'
import { isUnwieldy } from '../../lib/base/json-depth.ts'

test.each([
  ['1', 0, false],
  ['[]', 0, true],
  ['[]', 1, false],
  ['[1,{"a":[]}]', 2, true],
  ['[1,{"a":[]}]', 3, false],
  ['{"__proto__":{"a":{}}}', 2, true],
])('%s nests deeper than %i: %s', (json, depthMax, deeper) => {
  expect(isUnwieldy(JSON.parse(json), { depthMax })).toBe(deeper)
})

test('however deep it is, looking exhausts no stack', () => {
  const deep = JSON.parse(`${'['.repeat(500_000)}${']'.repeat(500_000)}`) as unknown
  expect(isUnwieldy(deep)).toBe(true)
  expect(isUnwieldy(deep, { depthMax: 1_000_000, valuesMax: 1_000_000 })).toBe(false)
})

test('however flat it is, it holds so many values and no more', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n]))
  expect(isUnwieldy({ filters: many(99_999) })).toBe(false)
  expect(isUnwieldy({ filters: many(100_001) })).toBe(true)
})
