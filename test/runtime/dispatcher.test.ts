/** What the dispatcher runs when, over a bus that hands out what the test says. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../../lib/base/log.ts'
import type { Bus, Delivery } from '../../lib/bus/bus.ts'
import { dispatch } from '../../lib/runtime/dispatcher.ts'

const SETTLED_MS = 20

function makeHouse(kinds: Readonly<Record<string, 'scan' | 'call'>>, suspects: string[] = []) {
  const waiting: string[] = []
  const abandoned: string[] = []
  const running = new Map<string, { end: () => void; fail: (error: Error) => void }>()
  const stopping = new AbortController()
  let wake = () => {}
  const delivery = (name: string) => ({ function: name, entryId: `${name}-1`, deliveries: 1, attempt: 1 }) as Delivery
  const bus: Pick<Bus, 'pull' | 'claim' | 'lapsed' | 'abandon' | 'wake' | 'drain'> = {
    async pull(free) {
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
  const functions = Object.entries(kinds).map(([name, kind]) => ({ name, kind, concurrency: 1 }))
  const run = (each: Delivery) => new Promise<void>((end, fail) => running.set(each.function, { end, fail }))
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

test('a delivery that fails without being settled is left to its lease, and the next event follows', async () => {
  const house = makeHouse({ poll: 'scan' })
  house.post('poll')
  house.post('poll')
  await house.running()
  house.fail('poll')
  expect(await house.running()).toEqual(['poll'])
  expect(house.abandoned).toEqual(['poll'])
})
