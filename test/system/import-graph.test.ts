import { expect, test } from 'vitest'
import { importsOf } from './import-graph.ts'

test.each([
  ["import { a } from './a.ts'", './a.ts', false],
  ["import a, { type b } from '../a.ts'", '../a.ts', false],
  ["import {\n  a,\n  b,\n} from './a.ts'", './a.ts', false],
  ["import type { A } from './a.ts'", './a.ts', true],
  ["import './a.ts'", './a.ts', false],
  ["export { a } from './a.ts'", './a.ts', false],
  ["export type * from './a.ts'", './a.ts', true],
  ["const a = await import('./a.ts')", './a.ts', false],
  ["type A = import('./a.ts').A", './a.ts', true],
])('sees the import in: %s', (source, target, typeOnly) => {
  expect(importsOf(`/** Head. */\n${source}\n`)).toEqual([{ target, typeOnly }])
})

test('sees each of several, and none of a package', () => {
  const source = "import * as v from 'valibot'\nimport './words.ts'\nimport { a } from './a.ts'\nimport 'node:fs'\n"
  expect(
    importsOf(source)
      .map(({ target }) => target)
      .sort(),
  ).toEqual(['./a.ts', './words.ts'])
})
