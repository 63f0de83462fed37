import { expect, test } from 'vitest'
import { isDeeper } from '../../lib/base/json-depth.ts'

test.each([
  ['1', 0, false],
  ['[]', 0, true],
  ['[]', 1, false],
  ['[1,{"a":[]}]', 2, true],
  ['[1,{"a":[]}]', 3, false],
  ['{"__proto__":{"a":{}}}', 2, true],
])('%s nests deeper than %i: %s', (json, depthMax, deeper) => {
  expect(isDeeper(JSON.parse(json), depthMax)).toBe(deeper)
})

test('however deep it is, looking exhausts no stack', () => {
  const deep = JSON.parse(`${'['.repeat(500_000)}${']'.repeat(500_000)}`) as unknown
  expect(isDeeper(deep)).toBe(true)
  expect(isDeeper(deep, 1_000_000)).toBe(false)
})
