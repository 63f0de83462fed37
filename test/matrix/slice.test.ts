/** A slice of the scanner matrix; `npm run matrix` runs all of it. */
import { describe, expect, test } from 'vitest'
import { cells, nameOf, rightEnd, type Cell } from './cells.ts'
import { wrongIn } from './judge-cell.ts'
import { runCell } from './run-cell.ts'

const SLICE: readonly Cell[] = [
  { call: 'look', answer: 'not found', length: '10 s' },
  { call: 'look', answer: 'unauthorized', length: '10 s' },
  { call: 'look', answer: 'bad gateway', length: '6 min' },
  { call: 'look', answer: 'redirect', length: '10 s' },
  { call: 'login', answer: 'unauthorized', length: 'once' },
  { call: 'create', answer: 'reset-after-commit', length: 'once' },
  { call: 'launch', answer: 'forbidden', length: '10 s' },
  { call: 'launch', answer: 'reset-after-commit', length: 'once' },
  { call: 'stop', answer: 'not found', length: '10 s' },
  { call: 'stop', answer: 'page instead', length: '10 s' },
  { call: 'export', answer: 'proxy finds nothing', length: '10 s' },
  { call: 'delete', answer: 'no api', length: '10 s' },
  { call: 'delete', answer: 'nothing', length: '10 s' },
  { call: 'resume', answer: 'nothing', length: '10 s' },
]

describe('every scan ends as the table says', () => {
  test.each(SLICE.map((cell) => [nameOf(cell), cell] as const))('%s', async (_, cell) => {
    expect(wrongIn(cell, await runCell(cell))).toEqual([])
  })
})

test('the table says an end for each cell, and names no cell twice', () => {
  const all = cells()
  expect(new Set(all.map(nameOf)).size).toBe(all.length)
  expect(all.map(rightEnd).filter(({ launches }) => launches !== 1)).toEqual([])
})
