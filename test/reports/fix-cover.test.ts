/** Goal: the first so many fixes remove as much as any so many could, also where fixes overlap. */
import { describe, expect, test } from 'vitest'
import { makePace } from '../../lib/base/pace.ts'
import { bestCover } from '../../lib/reports/fix-plan/best-cover.ts'
import { type CoverInput, makeEffort } from '../../lib/reports/fix-plan/cover-input.ts'
import { supersededBy } from '../../lib/reports/fix-plan/superseding.ts'
import { labelled } from './support/labelled.ts'
import { makeRandom, type Random } from './support/random.ts'

const INSTANCES = 400
const effort = () => makeEffort(makePace().watch())

function generate(random: Random): CoverInput {
  const kinds = 3 + random.below(10)
  const weights = Array.from({ length: kinds }, () => 1 + random.below(9))
  const fixes = Array.from({ length: 1 + random.below(9) }, () => [...weights.keys()].filter(() => random.chance(0.3)))
  return { weights, fixes }
}

const removes = ({ weights, fixes }: CoverInput, chosen: readonly number[]): number =>
  [...new Set(chosen.flatMap((fix) => fixes[fix] ?? []))].reduce((sum, kind) => sum + (weights[kind] ?? 0), 0)

/** By trying every choice. */
function mostOf(input: CoverInput, count: number): number {
  let most = 0
  for (let choice = 0; choice < 1 << input.fixes.length; choice++) {
    const chosen = [...input.fixes.keys()].filter((fix) => (choice >> fix) & 1)
    if (chosen.length <= count) most = Math.max(most, removes(input, chosen))
  }
  return most
}

describe('the best fixes', () => {
  test('remove as much as any so many could, and no beginning of the list is far from that', async () => {
    for (let seed = 0; seed < INSTANCES; seed++) {
      const input = generate(makeRandom(seed))
      for (let count = 1; count <= input.fixes.length; count++) {
        const { order } = await bestCover(input, count, effort())
        labelled(`seed ${seed}, the first ${count}`, () => expect(removes(input, order)).toBe(mostOf(input, count)))
        expect(order.length).toBeLessThanOrEqual(count)
      }
    }
  })

  test('are not merely the largest first', async () => {
    const input = {
      weights: [1, 1, 1, 1, 1, 1],
      fixes: [
        [0, 1, 2, 3],
        [0, 1, 4],
        [2, 3, 5],
      ],
    }
    expect(removes(input, (await bestCover(input, 2, effort())).order)).toBe(6)
  })

  test('a fix that another one includes is left out', async () => {
    expect(await bestCover({ weights: [5, 1], fixes: [[0], [0, 1], [0]] }, 3, effort())).toEqual({
      order: [1],
      useful: 1,
    })
  })

  test('many overlapping fixes are within a twentieth of the best known', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const random = makeRandom(seed)
      // Blocks that can be covered by three exact fixes, hidden among random ones.
      const hidden = Array.from({ length: 20 }, (_, at) => Array.from({ length: 10 }, (_kind, kind) => at * 10 + kind))
      const noise = Array.from({ length: 60 }, () => Array.from({ length: 9 }, () => random.below(200)))
      const input = { weights: Array<number>(200).fill(1), fixes: [...noise, ...hidden] }
      expect(removes(input, (await bestCover(input, 20, effort())).order)).toBeGreaterThanOrEqual(190)
    }
  })
})

describe('the work', () => {
  const spread = (count: number, of: (at: number) => readonly number[]): CoverInput => ({
    weights: Array<number>(count * 4).fill(1),
    fixes: Array.from({ length: count }, (_, at) => of(at)),
  })
  /** What makes the work large, each at a size that doubles. */
  const SHAPES: readonly (readonly [string, (count: number) => CoverInput])[] = [
    ['one kind that all fixes share', (count) => spread(count, (at) => [0, at + 1, count + at + 1])],
    [
      'fixes that include one another',
      (count) => spread(count, (at) => Array.from({ length: 1 + (at % 40) }, (_, kind) => (at - (at % 40)) * 2 + kind)),
    ],
    ['a long chain', (count) => spread(count, (at) => [at, at + 1])],
    ['a chain from its far end', (count) => spread(count, (at) => [count - at, count - at - 1])],
    ['many parts of two', (count) => spread(count, (at) => [(at >> 1) * 3, (at >> 1) * 3 + 1 + (at & 1)])],
    [
      'parts that are tried out whole',
      (count) => spread(count, (at) => [Math.floor(at / 12) * 20, Math.floor(at / 12) * 20 + 1 + (at % 12)]),
    ],
    [
      'few kinds in many choices',
      (count) => {
        const random = makeRandom(count)
        return spread(count, () => Array.from({ length: 20 }, (_kind, kind) => kind).filter(() => random.chance(0.5)))
      },
    ],
    [
      'random overlaps',
      (count) => {
        const random = makeRandom(count)
        return spread(count, () => Array.from({ length: 6 }, () => random.below(count * 4)))
      },
    ],
  ]

  test.each(SHAPES)('grows with its input: %s', async (_, shape) => {
    const stepsOf = async (count: number): Promise<number> => {
      const input = shape(count)
      const done = effort()
      await bestCover(input, 20, done)
      return done.steps
    }
    const [small, large] = [await stepsOf(500), await stepsOf(4000)]
    // Eight times the input: eight times the steps, and a little for keeping order.
    expect(large).toBeLessThan(small * 12)
    expect(small).toBeGreaterThan(500)
  })

  test('rests before it has done much at a time', async () => {
    let rests = 0
    const done = makeEffort({ over: () => true, rest: () => Promise.resolve(void (rests += 1)) })
    await bestCover(SHAPES[0]![1](4000), 20, done)
    expect(done.steps / rests).toBeLessThan(8192)
  })
})

test('a product of any number of versions is one fix: its newest', () => {
  const labels = Array.from(
    { length: 700 },
    (_, at) => `Upgrade to Google Chrome version ${(at * 11) % 700}.0 or later.`,
  )
  const newest = labels.indexOf('Upgrade to Google Chrome version 699.0 or later.')
  const superseded = supersededBy(labels)
  expect([...superseded.keys()]).toEqual([newest])
  expect(superseded.get(newest)).toHaveLength(699)
})
