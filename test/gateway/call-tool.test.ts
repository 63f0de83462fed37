import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Refusal } from '../../lib/base/errors.ts'
import { fixtureTools } from './support/fixture-tools.ts'
import { makeWorld, type World } from './support/world.ts'

let world: World
beforeEach(() => {
  world = makeWorld()
})
afterEach(() => world.close())

const RUNNING = { status: 'running', step: 'scanning', progress: '40' }

const refusalOf = async (call: Promise<unknown>): Promise<Refusal> => {
  const error = await call.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  if (error instanceof Refusal) return error
  throw new Error('expected a refusal', { cause: error })
}

describe('calling a tool', () => {
  test('brings back what the tool answered (WC1)', async () => {
    await world.work()
    const answer = await world.caller.call('echo', { text: 'ab', times: 2 })
    expect(answer).toMatchObject({ kind: 'result', result: { text: 'abab', length: 4 } })
    expect(world.caller.waiting).toBe(0)
  })

  test('brings back text with its content type', async () => {
    await world.work()
    const answer = await world.caller.call('lines', {})
    expect(answer).toEqual({ kind: 'text', text: '{"n":1}\n{"n":2}\n', contentType: 'application/x-ndjson' })
  })

  test('carries the trace on', async () => {
    await world.work()
    const traceparent = '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01'
    const answer = await world.caller.call('echo', { text: 'a' }, { traceparent })
    expect(answer).toMatchObject({ result: { trace: traceparent } })
  })

  test('answers many calls at once, each with its own reply', async () => {
    await world.work()
    const calls = Array.from({ length: 300 }, (_, n) => world.caller.call('echo', { text: `${n}` }))
    const answers = await Promise.all(calls)
    expect(answers.map((answer) => answer.kind === 'result' && answer.result['text'])).toEqual(
      Array.from({ length: 300 }, (_, n) => `${n}`),
    )
  })

  test('two gateways each hear their own replies', async () => {
    await world.work()
    const other = world.another().caller
    const answers = await Promise.all([world.caller.call('echo', { text: 'a' }), other.call('echo', { text: 'b' })])
    expect(answers).toMatchObject([{ result: { text: 'a' } }, { result: { text: 'b' } }])
  })

  test("passes the tool's own refusal on", async () => {
    await world.work()
    const refusal = await refusalOf(world.caller.call('refuse', {}))
    expect(refusal).toMatchObject({ code: 'not_found', details: { thing: 'x' } })
  })

  test('names the argument that is wrong', async () => {
    await world.work()
    expect((await refusalOf(world.caller.call('echo', { txt: 'a' }))).message).toContain('did you mean text')
  })

  test('refuses a tool that does not exist, naming those that do', async () => {
    const refusal = await refusalOf(world.caller.call('ecko', {}))
    expect(refusal).toMatchObject({ code: 'not_found', message: expect.stringContaining('echo') })
  })

  test('refuses arguments that are too long', async () => {
    await world.work()
    const refusal = await refusalOf(world.caller.call('echo', { text: 'a'.repeat(1_100_000) }))
    expect(refusal.code).toBe('too_large')
  })

  test('gives up waiting when the caller does (WC1)', async () => {
    await world.work()
    const leaving = new AbortController()
    const call = world.caller.call('slow', { ms: 5000 }, { signal: leaving.signal })
    leaving.abort(new Error('gone'))
    await expect(call).rejects.toThrow('gone')
    expect(world.caller.waiting).toBe(0)
  })
})

describe('secret arguments', () => {
  test('are sealed before anything is published, and open in the worker only', async () => {
    const call = world.caller.call('login', { username: 'u', password: 'canary-tweety' })
    await refusalOf(call)
    const worker = await world.work()
    const answer = await world.caller.call('login', { username: 'u', password: 'canary-tweety' })
    expect(answer).toMatchObject({
      result: { args: { username: 'u', password: '***REDACTED***' }, opened_password_is_right: true },
    })
    await worker.stop()
  })

  test('count towards the hash of the request, and the idempotency key does not', async () => {
    await world.work()
    const hash = async (args: Record<string, unknown>, idempotencyKey?: string) => {
      const answer = await world.caller.call('login', args, { idempotencyKey })
      return answer.kind === 'result' ? answer.result['hash'] : undefined
    }
    const first = await hash({ username: 'u', password: 'a' })
    expect(await hash({ password: 'a', username: 'u', idempotency_key: 'k' })).toBe(first)
    expect(await hash({ username: 'u', password: 'a' }, 'k')).toBe(first)
    expect(await hash({ username: 'u', password: 'b' })).not.toBe(first)
  })

  test('an idempotency key in the header that differs from the argument is refused', async () => {
    await world.work()
    const args = { username: 'u', idempotency_key: 'one' }
    const refusal = await refusalOf(world.caller.call('login', args, { idempotencyKey: 'two' }))
    expect(refusal).toMatchObject({ code: 'invalid_argument', message: expect.stringContaining('X-Idempotency-Key') })
  })
})

describe('trouble', () => {
  test('when no worker serves the tool, the caller hears so at once', async () => {
    await world.work(fixtureTools.filter(({ name }) => name !== 'slow'))
    const refusal = await refusalOf(world.caller.call('slow', {}))
    expect(refusal).toMatchObject({ code: 'unavailable', message: expect.stringContaining('No worker serves slow') })
  })

  test('a worker that fell silent long ago does not count', async () => {
    await world.hosts('echo', Date.now() - 60_000)
    expect((await refusalOf(world.caller.call('echo', { text: 'a' }))).message).toContain('No worker serves echo')
  })

  test('when the last worker leaves while the call waits, the caller hears so (WC2)', async () => {
    await world.hosts('slow', Date.now())
    const call = refusalOf(world.caller.call('slow', {}))
    while (world.caller.waiting === 0) await new Promise((resolve) => setImmediate(resolve))
    await world.hosts('slow', undefined)
    expect((await call).message).toMatch(/No worker serves slow|last worker that served slow is gone/)
  })

  test('after its time the caller hears what is not known (WC1)', async () => {
    await world.work()
    const refusal = await refusalOf(world.caller.call('slow', { ms: 3000 }, { timeoutMs: 100 }))
    expect(refusal).toMatchObject({ code: 'unavailable', message: expect.stringContaining('not known') })
  })
})

describe('changes of scans', () => {
  const fieldsOf = (task: string, revision: number) => ({ task, revision: `${revision}`, ...RUNNING })
  const append = (task: string, revision: number) => world.append(fieldsOf(task, revision))

  test('reach those who follow that scan, and those who follow all', async () => {
    await world.caller.ready
    const all: string[] = []
    const done = new Promise<unknown>((resolve) => {
      world.caller.changes.subscribe('*', ({ task, revision }) => all.push(`${task} ${revision}`))
      world.caller.changes.subscribe('b', resolve)
    })
    await append('a', 1)
    await append('b', 2)
    expect(await done).toEqual({
      task: 'b',
      revision: 2,
      status: 'running',
      step: 'scanning',
      progress: 40,
      pool: '',
      attention: '',
    })
    expect(all).toEqual(['a 1', 'b 2'])
  })

  test('reach a call that waits on the scan', async () => {
    await world.work()
    await world.caller.ready
    const heard: number[] = []
    const call = world.caller.call(
      'slow',
      { task_id: 'a', ms: 600 },
      { onProgress: ({ revision }) => heard.push(revision) },
    )
    await append('a', 7)
    await call
    await append('a', 8)
    expect(heard).toEqual([7])
  })
})
