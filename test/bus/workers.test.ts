/** Workers that are processes, killed and stopped: what they held goes on elsewhere, once. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RedisBus } from '../../lib/bus/redis/redis-bus.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { event, until } from './bus-events.ts'

const LEASE_MS = 600
const FIXTURE = fileURLToPath(new URL('fixtures/worker.mjs', import.meta.url))

interface Told {
  readonly what: string
  readonly id?: string
  readonly deliveries?: number
}

interface WorkerProcess {
  readonly child: ChildProcess
  readonly told: Told[]
  readonly exited: Promise<unknown>
  has(what: string, count: number): Promise<void>
}

let redis: TestRedis
let bus: RedisBus
let workers: WorkerProcess[]

beforeEach(async () => {
  redis = await startRedis()
  bus = new RedisBus({ url: redis.url, name: 'workers', consumer: 'test' })
  workers = []
})
afterEach(async () => {
  for (const { child } of workers) child.kill('SIGKILL')
  await Promise.all(workers.map(({ exited }) => exited))
  await bus.close()
  await redis.stop()
})

async function startWorker(consumer: string): Promise<WorkerProcess> {
  const child = fork(FIXTURE, [JSON.stringify({ url: redis.url, consumer, leaseMs: LEASE_MS })], { execArgv: [] })
  const told: Told[] = []
  child.on('message', (message) => told.push(message as Told))
  const has = (what: string, count: number) =>
    until(() => told.filter((each) => each.what === what).length >= count, `${consumer} says ${what} ${count} times`)
  const worker = { child, told, exited: once(child, 'exit'), has }
  workers.push(worker)
  await has('ready', 1)
  return worker
}

function publish(type: string, ids: readonly string[]) {
  return bus.publish(ids.map((id) => ({ to: 'f', event: { ...event(id), type }, delayMs: 0, attempt: 1 })))
}

const log = async () => (await bus.keyspace.entries(bus.keys.log, '-', 1000)).map(({ fields }) => fields)
const dead = async () => (await bus.keyspace.entries(bus.keys.dead, '-', 1000)).map(({ fields }) => fields)
const isDrained = async () => (await bus.keyspace.length(bus.keys.inbox('f'))) === 0
const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n}`)

test('what a killed worker held is settled by another, once each, as a second delivery', async () => {
  const first = await startWorker('first')
  await publish('hold', numbered('e', 5))
  await first.has('took', 5)
  const second = await startWorker('second')
  second.child.send('let go')
  first.child.kill('SIGKILL')
  await until(isDrained, 'everything is settled')
  const settled = await log()
  expect(settled.map(({ id }) => id)).toEqual(numbered('e', 5))
  expect(settled).toEqual(settled.map(({ id }) => ({ id, by: 'second', deliveries: '2' })))
})

test('a worker asked to stop hands over what it holds, and no delivery is counted', async () => {
  const first = await startWorker('first')
  await publish('hold', numbered('e', 5))
  await first.has('took', 5)
  const second = await startWorker('second')
  second.child.send('let go')
  first.child.kill('SIGTERM')
  expect(await first.exited).toEqual([0, null])
  await until(isDrained, 'everything is settled')
  expect(await log()).toEqual(numbered('e', 5).map((id) => ({ id, by: 'second', deliveries: '1' })))
  const consumers = await bus.connection.call((client) => client.xInfoConsumers(bus.keys.inbox('f'), 'workers'))
  expect(consumers.map(({ name }) => name)).not.toContain('first')
  expect(await bus.keyspace.range(bus.keys.hosting('f'), 0, -1)).toEqual(['second'])
})

test('an event that kills its worker ends among the dead, and none of its neighbours does', async () => {
  let crashes = 0
  let ending = false
  const keepAlive = async (consumer: string): Promise<void> => {
    const worker = await startWorker(consumer)
    worker.child.send('let go')
    worker.child.once('exit', () => {
      if (ending) return
      crashes += 1
      keepAlive(`${consumer}+`).catch((error: unknown) => restartFailures.push(error))
    })
  }
  const restartFailures: unknown[] = []
  const first = await startWorker('first')
  await publish('hold', numbered('n', 10))
  await first.has('took', 10)
  await publish('kill', ['poison'])
  await first.exited
  await keepAlive('a')
  await keepAlive('b')
  await publish('quick', numbered('later', 10))
  await until(isDrained, 'everything is settled')
  ending = true
  expect(restartFailures).toEqual([])
  expect(await dead()).toEqual([{ id: 'poison', deliveries: '4' }])
  expect(crashes).toBe(2)
  const settled = await log()
  expect(new Set(settled.map(({ id }) => id))).toEqual(new Set([...numbered('n', 10), ...numbered('later', 10)]))
  expect(settled.length).toBe(20)
  expect(settled.every(({ deliveries }) => Number(deliveries) <= 2)).toBe(true)
})

test('a worker that slept through its lease is fenced, told so, and works on', async () => {
  const zombie = await startWorker('zombie')
  await publish('hold', ['e1'])
  await zombie.has('took', 1)
  zombie.child.kill('SIGSTOP')
  const second = await startWorker('second')
  second.child.send('let go')
  await until(isDrained, 'the other worker settles it')
  zombie.child.send('let go')
  zombie.child.kill('SIGCONT')
  await zombie.has('fenced', 1)
  expect(await log()).toEqual([{ id: 'e1', by: 'second', deliveries: '2' }])
  second.child.kill('SIGTERM')
  await second.exited
  await publish('quick', ['e2'])
  await until(isDrained, 'the zombie settles the next one')
  expect((await log()).at(-1)).toEqual({ id: 'e2', by: 'zombie', deliveries: '1' })
})
