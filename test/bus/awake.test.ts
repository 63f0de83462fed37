/** Whether the process stays awake for an answer: a turn of the event loop is in store, or none is. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Awake } from '../../lib/bus/redis/connection/awake.ts'

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
/** Enough answers that came at once. */
function run(answers = 32): void {
  for (let n = 0; n < answers; n++) answerAfter(0.2)
}

test('sleeps until it has seen a run of answers that came at once', () => {
  run(31)
  awake.begin(nowMs)
  expect(isAwake()).toBe(false)
})

test('in such a run it looks for the next answer turn after turn, until it is there', () => {
  run()
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
  run()
  awake.begin(nowMs)
  nowMs += 1
  turn()
  expect(isAwake()).toBe(false)
})

test('does not stay awake for a server that takes its time', () => {
  run()
  answerAfter(3)
  awake.begin(nowMs)
  expect(isAwake()).toBe(false)
})

test('does not stay awake for a command out of the blue', () => {
  run()
  nowMs += 5
  awake.begin(nowMs)
  expect(isAwake()).toBe(false)
})

test('a pause in which an answer is waited for ends no run', () => {
  run()
  awake.begin(nowMs)
  nowMs += 5
  turn()
  awake.begin(nowMs)
  expect(isAwake()).toBe(true)
})

test('many commands at once need one turn of the loop, not one each', () => {
  run()
  for (let n = 0; n < 20; n++) awake.begin(nowMs)
  expect(turns).toHaveLength(1)
})
