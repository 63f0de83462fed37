/** Keeps the numbered invariants what they are called: one list of labels for the whole code, and a test for each. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { invariantsOf, PRODUCT, sourceFiles, type Invariant } from '../docs/pages/invariants-page.ts'

const text = (file: string) => readFileSync(file, 'utf8')
const tests = sourceFiles('test')
const promised = sourceFiles(...PRODUCT).flatMap((file) => invariantsOf(file))
const all = [...promised, ...tests.flatMap((file) => invariantsOf(file))]

/** Labels stand at the end of a title: '… is refused (B3)', or `(B3, R1)`. */
const labelsIn = (code: string) =>
  [...code.matchAll(/ \(([A-Z]{1,2}\d+(?:, [A-Z]{1,2}\d+)*)\)['"`]/g)].flatMap(([, labels = '']) => labels.split(', '))

function repeated(invariants: readonly Invariant[]): string[] {
  return invariants.flatMap(({ label, file }, at) => {
    const first = invariants.findIndex((each) => each.label === label)
    return first === at ? [] : [`${file}: ${label} stands in ${invariants[first]!.file} too: take other letters`]
  })
}

function untested(invariants: readonly Invariant[], titled: ReadonlySet<string>): string[] {
  return invariants
    .filter(({ label }) => !titled.has(label))
    .map(
      ({ label, file, text: says }) =>
        `${file}: end the title of a test that would fail without it with (${label}): ${says}`,
    )
}

test('no label stands for two things', () => {
  expect(repeated(all)).toEqual([])
})

test('the numbers of each list go from 1 on without a gap', () => {
  const gaps = [...new Set(all.map(({ letters }) => letters))].flatMap((letters) => {
    const list = all.filter((each) => each.letters === letters)
    const numbers = list.map(({ number }) => number).toSorted((a, b) => a - b)
    const isWhole = numbers.every((number, at) => number === at + 1)
    return isWhole ? [] : [`${list[0]!.file}: ${letters} has ${numbers.join()}`]
  })
  expect(gaps).toEqual([])
})

test('a list of invariants has labels', () => {
  const nameless = sourceFiles(...PRODUCT).filter((file) => /^ \* Invariants?\b/m.test(text(file)))
  const remedy = 'number them with letters of their own, as ` *   B1. …` in lib/bus/bus.ts'
  expect(nameless.map((file) => `${file}: ${remedy}`)).toEqual([])
})

test('each invariant is tested under its label', () => {
  // Drills run at leisure: what they alone would notice is noticed late.
  const often = tests.filter((file) => /\.(?:test|conformance)\.ts$/.test(file) && !file.startsWith('test/drills/'))
  const titled = new Set(often.flatMap((file) => labelsIn(text(file))))
  expect(untested(promised, titled)).toEqual([])
})

test('no test bears a label that no file keeps', () => {
  const known = new Set(all.map(({ label }) => label))
  const stray = tests.flatMap((file) =>
    labelsIn(text(file)).flatMap((label) => (known.has(label) ? [] : [`${file}: (${label})`])),
  )
  expect(stray).toEqual([])
})

test('what docs/architecture.md says of a list is the whole list', () => {
  const told = [...text('docs/architecture.md').matchAll(/`(\S+\.ts)`, ([A-Z]{1,2})1 to \2(\d+)\)/g)]
  const wrong = told.filter(
    ([, file = '', letters = '', last = '']) =>
      invariantsOf(file).filter((each) => each.letters === letters).length !== Number(last),
  )
  expect(told.length).toBeGreaterThan(3)
  expect(wrong.map(([says]) => `docs/architecture.md: ${says}`)).toEqual([])
})

test('a label that stands twice, and one without a test, would be told', () => {
  const made = ['x', 'y'].flatMap((name) =>
    invariantsOf(`${name}.ts`, '/**\n * Head.\n *\n *   Q1. It holds,\n *       whatever comes.\n */'),
  )
  expect(repeated(made)).toEqual(['y.ts: Q1 stands in x.ts too: take other letters'])
  expect(untested(made.slice(1), new Set(labelsIn(`test('it holds (R1)', …)`)))).toEqual([
    'y.ts: end the title of a test that would fail without it with (Q1): It holds, whatever comes.',
  ])
})
