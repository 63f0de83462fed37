/** Calls of tools on a Redis: what it keeps, and what becomes of calls when it is away or loses everything. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { Refusal } from '../../lib/base/errors.ts'
import type { RedisBus } from '../../lib/bus/redis/redis-bus.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { makeWorld, type World } from './support/world.ts'

let redis: TestRedis
let world: World<RedisBus>
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())
beforeEach(() => {
  world = makeWorld({ url: redis.url })
})
afterEach(() => world.close())

const refusalOf = async (call: Promise<unknown>): Promise<Refusal> => {
  const error = await call.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  if (error instanceof Refusal) return error
  throw new Error('expected a refusal', { cause: error })
}
const fieldsOf = (task: string, revision: number) => ({
  task,
  revision: `${revision}`,
  status: 'running',
  step: 'scanning',
  progress: '40',
})
const append = (task: string, revision: number) => world.append(fieldsOf(task, revision))

test('many calls at once from two gateways are answered, each with its own reply', async () => {
  await world.work()
  const callers = [world.caller, world.another().caller]
  const calls = Array.from({ length: 100 }, (_, n) => callers[n % 2]!.call('echo', { text: `${n}` }))
  const answers = await Promise.all(calls)
  expect(answers.map((answer) => answer.kind === 'result' && answer.result['text'])).toEqual(
    Array.from({ length: 100 }, (_, n) => `${n}`),
  )
})

test('secret arguments never stand in Redis', async () => {
  // Hosted, so that the call is published, and never run, so that it stays there.
  await world.bus.connection.call((client) =>
    client.zAdd(world.bus.keys.hosting('login'), { value: 'asleep', score: Date.now() }),
  )
  await refusalOf(world.caller.call('login', { username: 'u', password: 'canary-tweety' }, { timeoutMs: 300 }))
  const keys = await world.bus.connection.call((client) => client.keys('*'))
  const dumps = await Promise.all(
    keys.map((key) => world.bus.connection.call((client) => client.sendCommand(['DUMP', key]))),
  )
  expect(keys.join()).toContain(':in:login')
  expect(keys.join()).toContain(':vault:')
  expect(dumps.map(String).join()).not.toContain('canary')
})

test('when Redis is away, the caller hears so and why; when it is back, calls work again', async () => {
  const own = await startRedis()
  const lonely = makeWorld({ url: own.url })
  try {
    await lonely.work()
    await lonely.caller.call('echo', { text: 'a' })
    await own.kill()
    const refusal = await refusalOf(lonely.caller.call('echo', { text: 'a' }))
    expect(refusal).toMatchObject({ code: 'unavailable', message: expect.stringContaining('Redis') })
    await own.restart()
    const answer = await lonely.caller.call('echo', { text: 'back' })
    expect(answer).toMatchObject({ result: { text: 'back' } })
  } finally {
    await lonely.close()
    await own.stop()
  }
})

test('changes of scans are followed from the beginning of a log that began anew, though its ids are lower (F2)', async () => {
  await world.caller.ready
  const { connection, keys } = world.bus
  const ahead = new Promise((resolve) => world.caller.changes.subscribe('ahead', resolve))
  await connection.call((client) => client.xAdd(keys.log, '9999999999999-0', fieldsOf('ahead', 1)))
  await ahead
  const anew = new Promise((resolve) => world.caller.changes.subscribe('anew', resolve))
  await connection.call((client) => client.del(keys.log))
  await append('anew', 1)
  await connection.call((client) => client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']))
  expect(await anew).toMatchObject({ task: 'anew' })
})

test('changes of scans are followed on after the server was flushed (F2)', async () => {
  await world.caller.ready
  await append('a', 1)
  await world.bus.connection.call((client) => client.flushAll())
  const again = new Promise((resolve) => world.caller.changes.subscribe('c', resolve))
  // Ids are times: an entry of the very millisecond of the last one before the flush would bear its id.
  await sleep(5)
  await append('c', 1)
  expect(await again).toMatchObject({ task: 'c' })
})
