/** Keeps the tests where one looks for them: in the rooms of the code, those of a function under its name. */
import { existsSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { steps, tools, upkeep } from '../../functions/index.ts'

test('the tests stand in the same rooms as the code', () => {
  const rooms = ['lib', '.'].flatMap((root) => readdirSync(root, { withFileTypes: true }))
  const across = [
    'system',
    'chaos',
    'drills',
    'end-to-end',
    'bench',
    'matrix',
    'conformance',
    'exports',
    'contract',
    'wordings',
    'questions',
    'support',
  ]
  const known = new Set([...rooms.filter((entry) => entry.isDirectory()).map(({ name }) => name), ...across])
  const strange = readdirSync('test').filter((name) => !known.has(name))
  expect(
    strange.map(
      (name) => `test/${name}: name it after a folder of lib, or put it with the tests of more than one room`,
    ),
  ).toEqual([])
})

test('every function has a test of its name', () => {
  const folders = { scan: steps, upkeep, tools }
  const expected = Object.entries(folders).flatMap(([folder, list]) =>
    list.map(({ name }) => `test/functions/${folder}/${name.replaceAll('_', '-')}.test.ts`),
  )
  const missing = expected.filter((path) => !existsSync(path))
  expect(missing.map((path) => `write ${path}`)).toEqual([])
})
