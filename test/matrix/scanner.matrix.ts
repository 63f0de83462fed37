/** `npm run matrix`: the whole scanner matrix, several cells at a time. MATRIX="look × not found" runs those whose name has the text. */
import { expect, test } from 'vitest'
import { cells, nameOf } from './cells.ts'
import { wrongIn } from './judge-cell.ts'
import { runCell } from './run-cell.ts'

const AT_ONCE = 6
const TOLD_EVERY = 50
const wanted = process.env['MATRIX'] ?? ''

test('every scan of every cell ends as the table says', async () => {
  const chosen = cells().filter((cell) => nameOf(cell).includes(wanted))
  const left = [...chosen]
  const wrong: string[] = []
  let done = 0
  const work = async (): Promise<void> => {
    for (let cell = left.shift(); cell; cell = left.shift()) {
      const found = await runCell(cell).then(
        (end) => wrongIn(cell, end),
        (error: unknown) => [`it broke: ${String(error)}`],
      )
      if (found.length > 0) console.log(`${nameOf(cell)}: ${found.join('; ')}`)
      done += 1
      if (done % TOLD_EVERY === 0) console.log(`${done} of ${chosen.length} cells`)
      wrong.push(...found.map((each) => `${nameOf(cell)}: ${each}`))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  console.log(`scanner matrix: ${chosen.length} cells, ${wrong.length} things wrong`)
  expect(wrong).toEqual([])
})
