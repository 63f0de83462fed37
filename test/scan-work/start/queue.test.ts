/** Who goes next, who must wait, and who is refused: limits, fairness, priority, pinned scanners, target policy. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse, scanner, type House } from '../../support/house.ts'

const tokens = ['ann', 'bob', 'cy', 'dee'].map((name) => ({
  name,
  sha256: createHash('sha256').update(`token-of-${name}`).digest('hex'),
  scopes: ['scan:run'],
}))
const as = (name: string) => ({ authorization: `Bearer token-of-${name}` })

let house: House
beforeAll(async () => {
  const busy = { max_concurrent_scans: 1 }
  house = await openHouse({
    tokens,
    env: { QUEUE_MAX: '6', QUEUE_MAX_PER_CALLER: '3' },
    config: ({ quick, slow }) => ({
      limited: [scanner('limited', busy)(slow)],
      fair: [scanner('fair', busy)(slow)],
      urgent: [scanner('urgent', busy)(slow)],
      pair: [scanner('left', busy)(slow), scanner('right', busy)(slow)],
      guarded: [
        scanner('lan', { allowed_targets: ['10.0.0.0/8', '*.example.org'], denied_targets: ['10.0.0.1'] })(quick),
        scanner('dmz', { allowed_targets: ['192.0.2.0/24'] })(quick),
      ],
    }),
  })
})
afterAll(() => house?.close())

async function call(tool: string, args: object, who = 'dee') {
  const { status, body } = await house.call(tool, args, as(who))
  return { http: status, ...body, problem: (body['error'] ?? {}) as Record<string, unknown> } as Record<
    string,
    unknown
  > & {
    problem: Record<string, unknown>
  }
}

const start = (pool: string, who: string, more: object = {}) =>
  call('run_untrusted_scan', { targets: '192.0.2.1', name: who, scanner_pool: pool, ...more }, who)

/** Takes the one slot of a pool, so that what comes next waits. */
async function occupy(pool: string, more: object = {}): Promise<void> {
  const { task_id: taskId } = await start(pool, 'dee', more)
  for (let status: unknown; status !== 'running';) {
    ;({ status } = await call('get_scan_status', { task_id: taskId, wait_seconds: 5 }))
  }
}

async function queueOf(pool: string): Promise<string[]> {
  const { next_scans: scans } = await call('get_queue_status', { scanner_pool: pool })
  return (scans as { name: string }[]).map(({ name }) => name)
}

async function emptyQueue(pool: string): Promise<void> {
  const { tasks } = await call('list_tasks', { scanner_pool: pool, status: 'queued' })
  for (const { task_id: id } of tasks as { task_id: string }[]) await call('stop_scan', { task_id: id })
}

describe('limits', () => {
  test('a caller may have so many waiting, a pool so many, and then it is 429', async () => {
    await occupy('limited')
    for (let waiting = 0; waiting < 3; waiting++) expect(await start('limited', 'ann')).toMatchObject({ http: 200 })
    const own = await start('limited', 'ann')
    expect(own).toMatchObject({ http: 429, problem: { code: 'busy' } })
    expect(own.problem['message']).toMatch(/ann has 3 scans waiting, the limit for one caller/)
    for (let waiting = 0; waiting < 3; waiting++) expect(await start('limited', 'bob')).toMatchObject({ http: 200 })
    const full = await start('limited', 'cy')
    expect(full.problem['message']).toMatch(/Pool limited has 6 scans waiting, its limit/)
    expect(await call('get_queue_status', { scanner_pool: 'limited' })).toMatchObject({ queue_depth: 6 })
    await emptyQueue('limited')
    expect(await start('limited', 'ann')).toMatchObject({ http: 200, queue_position: 1 })
    await emptyQueue('limited')
  })
})

test('callers take turns: who came later with few stands before who came first with many', async () => {
  await occupy('fair')
  for (const who of ['ann', 'ann', 'ann', 'bob']) await start('fair', who)
  expect(await queueOf('fair')).toEqual(['ann', 'bob', 'ann', 'ann'])
  await emptyQueue('fair')
})

test('a higher priority goes first, equal ones in the order of their coming', async () => {
  await occupy('urgent')
  await start('urgent', 'ann', { name: 'usual' })
  await start('urgent', 'bob', { name: 'low', priority: -5 })
  expect(await start('urgent', 'cy', { name: 'high', priority: 5 })).toMatchObject({ queue_position: 1 })
  expect(await queueOf('urgent')).toEqual(['high', 'usual', 'low'])
  await emptyQueue('urgent')
})

test('a scan pinned to a busy scanner waits, and does not stand in the way of others', async () => {
  await occupy('pair', { scanner_instance: 'left' })
  const pinned = await start('pair', 'ann', { scanner_instance: 'left' })
  const free = await start('pair', 'bob')
  for (let status: unknown; status !== 'running';) {
    ;({ status } = await call('get_scan_status', { task_id: free['task_id'], wait_seconds: 5 }))
  }
  expect(await call('get_scan_status', { task_id: free['task_id'] })).toMatchObject({ scanner_instance: 'right' })
  expect(await call('get_scan_status', { task_id: pinned['task_id'] })).toMatchObject({
    status: 'queued',
    scanner_instance: 'left',
  })
  await emptyQueue('pair')
})

describe('target policy', () => {
  test.each([
    ['10.1.2.3', 'lan'],
    ['192.0.2.0/28', 'dmz'],
    ['web.example.org', 'lan'],
  ])('%s goes to the scanner that may touch it', async (targets, instance) => {
    expect(await start('guarded', 'cy', { targets })).toMatchObject({ http: 200, scanner_instance: instance })
  })

  test.each([
    ['outside of what is allowed', '198.51.100.1', /198\.51\.100\.1/],
    ['denied', '10.0.0.1', /10\.0\.0\.1/],
    ['a network that holds a denied address', '10.0.0.0/24', /10\.0\.0\.0\/24/],
    ['for different scanners', '10.1.2.3, 192.0.2.1', /does not allow/],
  ])('%s is refused with 403, and nothing is started', async (_what, targets, message) => {
    const { total } = await call('list_tasks', {})
    const refused = await start('guarded', 'cy', { targets })
    expect(refused).toMatchObject({ http: 403, problem: { code: 'forbidden', arguments: ['targets'] } })
    expect(refused.problem['message']).toMatch(message)
    expect(await call('list_tasks', {})).toMatchObject({ total })
  })

  test('insisting on a scanner does not help', async () => {
    const refused = await start('guarded', 'cy', { targets: '192.0.2.1', scanner_instance: 'lan' })
    expect(refused).toMatchObject({ http: 403 })
  })
})
