/** Goal: the first so many fixes remove as much as any so many could, also where fixes overlap. */
import { describe, expect, test } from 'vitest'
import { bestCover } from '../../lib/reports/fix-plan/best-cover.ts'
import type { CoverInput } from '../../lib/reports/fix-plan/parts.ts'
import { labelled } from './support/labelled.ts'
import { makeRandom, type Random } from './support/random.ts'

const INSTANCES = 400

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
  test('remove as much as any so many could, and no beginning of the list is far from that', () => {
    for (let seed = 0; seed < INSTANCES; seed++) {
      const input = generate(makeRandom(seed))
      for (let count = 1; count <= input.fixes.length; count++) {
        const { order } = bestCover(input, count)
        labelled(`seed ${seed}, the first ${count}`, () => expect(removes(input, order)).toBe(mostOf(input, count)))
        expect(order.length).toBeLessThanOrEqual(count)
      }
    }
  })

  test('are not merely the largest first', () => {
    const input = {
      weights: [1, 1, 1, 1, 1, 1],
      fixes: [
        [0, 1, 2, 3],
        [0, 1, 4],
        [2, 3, 5],
      ],
    }
    expect(removes(input, bestCover(input, 2).order)).toBe(6)
  })

  test('a fix that another one includes is left out', () => {
    expect(bestCover({ weights: [5, 1], fixes: [[0], [0, 1], [0]] }, 3)).toEqual({ order: [1], useful: 1 })
  })

  test('many overlapping fixes are within a twentieth of the best known', () => {
    for (let seed = 0; seed < 10; seed++) {
      const random = makeRandom(seed)
      // Blocks that can be covered by three exact fixes, hidden among random ones.
      const hidden = Array.from({ length: 20 }, (_, at) => Array.from({ length: 10 }, (_kind, kind) => at * 10 + kind))
      const noise = Array.from({ length: 60 }, () => Array.from({ length: 9 }, () => random.below(200)))
      const input = { weights: Array<number>(200).fill(1), fixes: [...noise, ...hidden] }
      expect(removes(input, bestCover(input, 20).order)).toBeGreaterThanOrEqual(190)
    }
  })
})
