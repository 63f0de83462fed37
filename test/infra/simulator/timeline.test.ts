import { expect, it } from 'vitest'
import { makeTimeline } from '../../../infra/simulator/timeline.ts'

/** A timeline at ten times the speed of a clock set by hand, and what has happened on it. */
function timelineAt(startMs: number) {
  const clock = { ms: startMs, now: () => clock.ms }
  const timeline = makeTimeline({ clock, speed: 10 })
  const seen: string[] = []
  const note = (what: string) => () => void seen.push(`${what} at ${timeline.now() - startMs}`)
  return { clock, timeline, seen, note }
}

it('runs events in the order in which they are due, and in which they came where that is equal (TL1)', () => {
  const { clock, timeline, seen, note } = timelineAt(1000)
  for (const [what, delayMs] of [
    ['late', 90],
    ['first', 20],
    ['second', 20],
    ['early', 10],
    ['third', 20],
  ] as const)
    timeline.after(delayMs, note(what))
  clock.ms += 5
  timeline.now()
  expect(seen).toEqual(['early at 10', 'first at 20', 'second at 20', 'third at 20'])
  clock.ms += 5
  timeline.now()
  expect(seen.at(-1)).toBe('late at 90')
})

it('counts what an event schedules from when it was due, not from when somebody looked (TL2)', () => {
  const { clock, timeline, seen, note } = timelineAt(1000)
  timeline.after(10, () => timeline.after(10, note('what follows')))
  clock.ms += 100
  expect(timeline.now()).toBe(2000)
  expect(seen).toEqual(['what follows at 20'])
})

it('never goes back, even when the clock does (TL3)', () => {
  const { clock, timeline } = timelineAt(1000)
  clock.ms += 10
  expect(timeline.now()).toBe(1100)
  clock.ms -= 500
  expect(timeline.now()).toBe(1100)
})
