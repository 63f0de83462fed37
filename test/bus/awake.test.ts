/** Whether the process stays awake for an answer: a turn of the event loop is in store, or none is. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Awake } from '../../lib/bus/redis/awake.ts'

let awake: Awake
let nowMs: number
let turns: (() => void)[]
beforeEach(() => {
  nowMs = 1000
  turns = []
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
  vi.stubGlobal('setImmediate', (turn: () => void) => turns.push(turn))
  awake = new Awake()
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const isAwake = () => turns.length > 0
const turn = () => turns.shift()?.()

/** A command that is answered after so long. */
function answerAfter(ms: number): void {
  const sentMs = nowMs
  awake.begin(sentMs)
  nowMs += ms
  awake.end(sentMs)
  while (isAwake()) turn()
}

test('sleeps until it has seen an answer come at once', () => {
  awake.begin(nowMs)
  expect(isAwake()).toBe(false)
})

test('after an answer that came at once it looks for the next one turn after turn, until it is there', () => {
  answerAfter(0.2)
  const sentMs = nowMs
  awake.begin(sentMs)
  for (let looks = 0; looks < 10; looks++) {
    expect(isAwake()).toBe(true)
    turn()
    nowMs += 0.02
  }
  awake.end(sentMs)
  turn()
  expect(isAwake()).toBe(false)
})

test('goes to sleep when the answer does not come at once', () => {
  answerAfter(0.2)
  awake.begin(nowMs)
  nowMs += 1
  turn()
  expect(isAwake()).toBe(false)
})

test('does not stay awake for a server that takes its time', () => {
  answerAfter(0.2)
  answerAfter(3)
  awake.begin(nowMs)
  expect(isAwake()).toBe(false)
})

test('many commands at once need one turn of the loop, not one each', () => {
  answerAfter(0.2)
  for (let n = 0; n < 20; n++) awake.begin(nowMs)
  expect(turns).toHaveLength(1)
})
