/** What the dispatcher runs when, over a bus that hands out what the test says. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../../lib/base/log.ts'
import type { Bus, Delivery } from '../../lib/bus/bus.ts'
import { dispatch } from '../../lib/runtime/dispatcher.ts'

const SETTLED_MS = 20

function makeHouse(kinds: Readonly<Record<string, 'scan' | 'call'>>, suspects: string[] = [], concurrency = 1) {
  const waiting: string[] = []
  const abandoned: string[] = []
  const overfull: string[] = []
  const running = new Map<string, { end: () => void; fail: (error: Error) => void }>()
  const stopping = new AbortController()
  let wake = () => {}
  const delivery = (name: string) => ({ function: name, entryId: `${name}-1`, deliveries: 1, attempt: 1 }) as Delivery
  const bus: Pick<Bus, 'pull' | 'claim' | 'lapsed' | 'abandon' | 'wake' | 'drain'> = {
    async pull(free) {
      for (const [name, room] of free) {
        const held = [...running].filter(([each]) => each.startsWith(name)).length
        if (room > concurrency - held) overfull.push(`${name}: room for ${room} beside ${held}`)
      }
      const taken = waiting.filter((name) => free.has(name)).slice(0, 1)
      for (const name of taken) waiting.splice(waiting.indexOf(name), 1)
      if (taken.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      return taken.map(delivery)
    },
    claim: async () => suspects.splice(0, 1).map(delivery),
    lapsed: () => ({ released: false, suspects: suspects.length > 0 }),
    abandon: (each) => void abandoned.push(each.function),
    wake: () => wake(),
    drain: () => wake(),
  }
  const functions = Object.entries(kinds).map(([name, kind]) => ({ name, kind, concurrency }))
  let runs = 0
  const run = (each: Delivery) =>
    new Promise<void>((end, fail) => {
      // Several of one function are told apart by a number.
      running.set(running.has(each.function) ? `${each.function} ${(runs += 1)}` : each.function, { end, fail })
    })
  const pause = async () => {}
  const dispatching = dispatch({ bus: bus as Bus, functions, run, pause, log: silentLog }, stopping.signal)
  onTestFinished(async () => {
    stopping.abort()
    for (const { end } of running.values()) end()
    await dispatching
  })
  return {
    /** An event arrives. */
    post(name: string) {
      waiting.push(name)
      wake()
    },
    /** The functions under way. */
    async running() {
      await sleep(SETTLED_MS)
      return [...running.keys()]
    },
    end(name: string) {
      running.get(name)!.end()
      running.delete(name)
    },
    /** Fails without having settled. */
    fail(name: string) {
      running.get(name)!.fail(new Error('Redis is away'))
      running.delete(name)
    },
    abandoned,
    /** Room that was said to be where there is none. */
    overfull,
    /** The worker of an event dies. */
    suspect(name: string) {
      suspects.push(name)
      wake()
    },
  }
}

test('no function runs more often at once than it allows, and the next event follows when one has ended', async () => {
  const house = makeHouse({ poll: 'scan', export: 'scan' })
  for (const name of ['poll', 'poll', 'export', 'export']) house.post(name)
  expect(await house.running()).toEqual(['poll', 'export'])
  house.end('poll')
  expect(await house.running()).toEqual(['export', 'poll'])
  house.end('poll')
  house.end('export')
  expect(await house.running()).toEqual(['export'])
})

test('an event whose worker died runs alone among the steps while tool calls go on, and the steps follow it', async () => {
  const house = makeHouse({ poll: 'scan', export: 'scan', status: 'call' }, ['poll'])
  house.post('export')
  house.post('status')
  expect(await house.running()).toEqual(['poll', 'status'])
  house.end('poll')
  expect(await house.running()).toEqual(['status', 'export'])
})

test('the steps that waited for a suspect follow it where nothing else is hosted', async () => {
  const house = makeHouse({ poll: 'scan' }, ['poll'])
  house.post('poll')
  expect(await house.running()).toEqual(['poll'])
  house.end('poll')
  expect(await house.running()).toEqual(['poll'])
})

test('a delivery that fails without being settled is left to its lease, and the next event follows (R1)', async () => {
  const house = makeHouse({ poll: 'scan' })
  house.post('poll')
  house.post('poll')
  await house.running()
  house.fail('poll')
  expect(await house.running()).toEqual(['poll'])
  expect(house.abandoned).toEqual(['poll'])
})

test('says no more room than there is, whatever is under way', async () => {
  const house = makeHouse({ poll: 'scan' }, [], 3)
  for (let n = 0; n < 5; n++) house.post('poll')
  expect(await house.running()).toHaveLength(3)
  house.end('poll')
  expect(await house.running()).toHaveLength(3)
  expect(house.overfull).toEqual([])
})

test('an event whose worker died waits until the steps under way have ended, and none begins beside it', async () => {
  const house = makeHouse({ poll: 'scan', export: 'scan', create: 'scan' })
  house.post('export')
  await house.running()
  house.suspect('poll')
  house.post('create')
  expect(await house.running()).toEqual(['export'])
  house.end('export')
  expect(await house.running()).toEqual(['poll'])
  house.end('poll')
  expect(await house.running()).toEqual(['create'])
})
