import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { eachInTurn, filterRows, makePace, sortInTurn } from '../../lib/base/pace.ts'
import { seededRandom } from '../support/seeded-random.ts'

test('fifty long works go on in turn, one in each round of the event loop (PA2)', async () => {
  const pace = makePace()
  const order: number[] = []
  let rounds = 0
  let done = false
  const work = async (name: number) => {
    for (let step = 0; step < 3; step++) {
      await pace.turn()
      order.push(name)
    }
  }
  const counting = (async () => {
    while (!done) {
      await turn()
      rounds++
    }
  })()
  await Promise.all(Array.from({ length: 50 }, (_, name) => work(name)))
  done = true
  await counting
  expect(order.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, name) => name))
  expect(rounds).toBeGreaterThanOrEqual(140)
})

test('a work that has lasted long enough lets the others in (PA1)', async () => {
  const pace = makePace(0)
  let rounds = 0
  let done = false
  const counting = (async () => {
    while (!done) {
      await turn()
      rounds++
    }
  })()
  await eachInTurn(
    Array.from({ length: 100_000 }, (_, n) => n),
    () => {},
    pace.watch(),
  )
  done = true
  await counting
  expect(rounds).toBeGreaterThan(100)
})

test('in turn or at once, what comes out is the same', async () => {
  const random = seededRandom(11)
  for (const length of [0, 1, 511, 512, 513, 5000]) {
    const values = Array.from({ length }, (_, at) => ({ key: random.between(0, 50), at }))
    const compare = (a: { key: number }, b: { key: number }) => a.key - b.key
    expect(await sortInTurn(values, compare, makePace(0).watch())).toEqual(values.toSorted(compare))
    const rows = Uint32Array.from(values, ({ key }) => key)
    const odd = (row: number) => row % 2 === 1
    expect(await filterRows(rows, odd, makePace(0).watch())).toEqual(rows.filter(odd))
  }
})
