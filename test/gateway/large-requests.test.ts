import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { makeLargeTurns } from '../../lib/gateway/http/large-requests.ts'

const LARGE = 20_000
const never = new Promise<void>(() => {})

function makeRequests(options: { heldMs: number }) {
  const take = makeLargeTurns(options)
  const begun: string[] = []
  const ask = async (caller: string, name: string, { bytes = LARGE, answered = never } = {}) => {
    await take(caller, bytes, answered)
    begun.push(name)
  }
  return { begun, ask }
}

test('while others call, large requests of one caller are read one after another', async () => {
  const { begun, ask } = makeRequests({ heldMs: 600_000 })
  await ask('bob', 'small of another', { bytes: 10 })
  let answer = () => {}
  await ask('eve', 'first', { answered: new Promise((resolve) => (answer = resolve)) })
  const second = ask('eve', 'second')
  await ask('eve', 'small', { bytes: 10 })
  await ask('bob', 'large of another')
  await turn()
  expect(begun).toEqual(['small of another', 'first', 'small', 'large of another'])
  answer()
  await second
})

test('who calls alone has more of them at a time', async () => {
  const { begun, ask } = makeRequests({ heldMs: 600_000 })
  for (let n = 0; n < 20; n++) void ask('eve', `${n}`)
  await turn()
  expect(begun).toHaveLength(16)
})

test('one that lasts holds up the next for a moment only', async () => {
  const { begun, ask } = makeRequests({ heldMs: 1 })
  await ask('bob', 'small', { bytes: 10 })
  await ask('eve', 'first')
  await ask('eve', 'second')
  expect(begun.at(-1)).toBe('second')
})
