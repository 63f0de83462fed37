/** Starting a scan at most once per key: same request, another request, header and argument, many calls at once. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse, type House } from '../../support/house.ts'

const tokens = ['ann', 'bob'].map((name) => ({
  name,
  sha256: createHash('sha256').update(`token-of-${name}`).digest('hex'),
  scopes: ['scan:run'],
}))
const as = (name: string, more: Record<string, string> = {}) => ({ authorization: `Bearer token-of-${name}`, ...more })

const REQUEST = { targets: '192.0.2.1', name: 'once' }
const LOGIN = { username: 'audit', password: 'pw' }

let house: House
beforeAll(async () => {
  house = await openHouse({ tokens })
})
afterAll(() => house?.close())

async function run(args: object, headers = as('ann'), tool = 'run_untrusted_scan') {
  const { status, body } = await house.call(tool, { ...REQUEST, ...args }, headers)
  return {
    http: status,
    ...body,
    error: body['error'] as { code: string; message: string; task_id: string } | undefined,
  } as {
    http: number
    task_id: string
    idempotent: boolean
    original_task?: object
    error: { code: string; message: string; task_id: string } | undefined
  }
}

/** The HTTP status once the scan has ended or is gone. */
async function ended(taskId: string): Promise<number> {
  for (;;) {
    const { status, body } = await house.call('get_scan_status', { task_id: taskId, wait_seconds: 20 }, as('ann'))
    if (status !== 200 || (body['status'] !== 'queued' && body['status'] !== 'running')) return status
  }
}

async function tasks(): Promise<number> {
  return Number((await house.call('list_tasks', {}, as('ann'))).body['total'])
}

describe('the same key and the same request', () => {
  test('answers the first task, and says so', async () => {
    const first = await run({ idempotency_key: 'same' })
    expect(first).toMatchObject({ http: 200, idempotent: false })
    const again = await run({ idempotency_key: 'same' })
    expect(again).toMatchObject({ http: 200, idempotent: true, task_id: first.task_id })
    expect(again.original_task).toMatchObject({ task_id: first.task_id, name: 'once' })
  })

  test('by header, by argument, or by both is the same', async () => {
    const first = await run({ idempotency_key: 'either' })
    expect(await run({}, as('ann', { 'x-idempotency-key': 'either' }))).toMatchObject({ task_id: first.task_id })
    const both = await run({ idempotency_key: 'either' }, as('ann', { 'x-idempotency-key': 'either' }))
    expect(both).toMatchObject({ idempotent: true, task_id: first.task_id })
  })

  test('does not depend on the order of the arguments', async () => {
    const first = await run({ priority: 1, idempotency_key: 'order' })
    const { body } = await house.call(
      'run_untrusted_scan',
      { idempotency_key: 'order', priority: 1, name: 'once', targets: '192.0.2.1' },
      as('ann'),
    )
    expect(body).toMatchObject({ idempotent: true, task_id: first.task_id })
  })

  test('called 20 times at once starts one scan', async () => {
    const before = await tasks()
    const answers = await Promise.all(Array.from({ length: 20 }, () => run({ idempotency_key: 'crowd' })))
    expect(new Set(answers.map(({ task_id: id }) => id)).size).toBe(1)
    expect(answers.filter(({ idempotent }) => !idempotent)).toHaveLength(1)
    expect(await tasks()).toBe(before + 1)
    const marker = answers[0]!.task_id
    await ended(marker)
    const made = house.quick.control.counts().scans.filter(({ key }) => key.includes(marker))
    expect(made).toMatchObject([{ creates: 1, launches: 1 }])
  })

  test('keeps one copy of the sealed credentials', async () => {
    const { connection, keys } = house.bus
    const sealed = () => connection.call((client) => client.keys(`${keys.prefix}:vault:*`))
    const args = { ...LOGIN, idempotency_key: 'sealed', scanner_pool: 'slow' }
    const before = await sealed()
    const first = await run(args, as('ann'), 'run_trusted_scan')
    expect(first.http).toBe(200)
    expect(await run(args, as('ann'), 'run_trusted_scan')).toMatchObject({ idempotent: true, task_id: first.task_id })
    expect((await sealed()).length).toBe(before.length + 1)
  })
})

describe('the same key and another request', () => {
  test.each([
    ['targets', { targets: '192.0.2.2' }, 'run_untrusted_scan'],
    ['an option', { priority: 3 }, 'run_untrusted_scan'],
    ['the tool', LOGIN, 'run_trusted_scan'],
  ])('is refused with 409 and the first task: another value of %s', async (what, other, tool) => {
    const first = await run({ idempotency_key: `other ${what}` })
    const before = await tasks()
    const refused = await run({ idempotency_key: `other ${what}`, ...other }, as('ann'), tool)
    expect(refused).toMatchObject({ http: 409, error: { code: 'conflict', task_id: first.task_id } })
    expect(refused.error?.message).toContain(first.task_id)
    expect(await tasks()).toBe(before)
  })

  test('another password is another request', async () => {
    const key = { idempotency_key: 'password' }
    await run({ ...LOGIN, ...key }, as('ann'), 'run_trusted_scan')
    expect(await run({ ...LOGIN, password: 'other', ...key }, as('ann'), 'run_trusted_scan')).toMatchObject({
      http: 409,
    })
  })
})

test('header and argument that differ are refused', async () => {
  const refused = await run({ idempotency_key: 'one' }, as('ann', { 'x-idempotency-key': 'two' }))
  expect(refused).toMatchObject({ http: 400, error: { code: 'invalid_argument' } })
  expect(refused.error?.message).toMatch(/"one".*"two"/)
})

test('without a key, or with a key of its own for each caller, every call starts a scan', async () => {
  const ids = [
    await run({}),
    await run({}),
    await run({ idempotency_key: 'mine' }),
    await run({ idempotency_key: 'mine' }, as('bob')),
  ]
  expect(new Set(ids.map(({ task_id: id }) => id)).size).toBe(4)
})

test('a key whose request was refused can be used again', async () => {
  expect(await run({ targets: 'no/target', idempotency_key: 'refused' })).toMatchObject({ http: 400 })
  expect(await run({ idempotency_key: 'refused' })).toMatchObject({ http: 200, idempotent: false })
})

test('the key of a deleted scan says so instead of starting another', async () => {
  const { task_id: taskId } = await run({ idempotency_key: 'deleted' })
  await ended(taskId)
  expect(await house.call('delete_scan', { task_id: taskId }, as('ann'))).toMatchObject({ status: 200 })
  const refused = await run({ idempotency_key: 'deleted' })
  expect(refused).toMatchObject({ http: 409, error: { task_id: taskId } })
  expect(refused.error?.message).toMatch(/has been deleted/)
})

test('a key is kept for 48 hours', async () => {
  await run({ idempotency_key: 'kept' })
  const { connection, keys } = house.bus
  const names = await connection.call((client) => client.keys(`${keys.prefix}:idempotency:*`))
  const leftMs = await Promise.all(names.map((name) => connection.call((client) => client.pTTL(name))))
  expect(leftMs.length).toBeGreaterThan(0)
  for (const ms of leftMs) {
    expect(ms).toBeGreaterThan(47 * 3_600_000)
    expect(ms).toBeLessThanOrEqual(48 * 3_600_000)
  }
})
