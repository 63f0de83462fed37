/** The tools, asked as a gateway asks them: what they answer, and how they refuse. */
import { describe, expect, test } from 'vitest'
import type { WireReply } from '../../../lib/runtime/reply.ts'
import { runDelivery } from '../../../lib/runtime/run-delivery.ts'
import { scannerEntry } from '../../support/fake-registry.ts'
import { queuedScan, runningScan, TASK } from '../../support/scan-record.ts'
import { makeWorld, START_MS } from '../../support/world.ts'

const resultOf = (reply: WireReply) => {
  if (reply.kind !== 'result') throw new Error(`expected a result, got ${JSON.stringify(reply)}`)
  return reply.result
}
const refusalOf = (reply: WireReply) => {
  if (reply.kind !== 'refusal') throw new Error(`expected a refusal, got ${JSON.stringify(reply)}`)
  return reply
}
const ask = { targets: '192.0.2.10, 192.0.2.11', name: 'Weekly' }

describe('run_untrusted_scan', () => {
  test('starts a scan and says what to call next', async () => {
    const world = makeWorld()
    const result = resultOf(await world.call('run_untrusted_scan', ask))
    expect(result).toMatchObject({
      status: 'queued',
      scan_type: 'untrusted',
      scanner_pool: 'lab',
      queue_position: 1,
      targets: { count: 2 },
      idempotent: false,
    })
    expect(result['next']).toContain(`get_scan_status with task_id ${String(result['task_id'])}`)
    await world.pass(120_000)
    expect(await world.scan(String(result['task_id']))).toMatchObject({ status: 'completed' })
  })

  test.each([
    ['no targets', { name: 'x' }, 'targets'],
    ['targets that are none', { name: 'x', targets: '10.0.0.256' }, 'targets'],
    ['more hosts than one scan may cover', { name: 'x', targets: '10.0.0.0/16' }, 'targets'],
    ['a number where a text belongs', { name: 5, targets: '192.0.2.10' }, 'name'],
    ['a pool that does not exist', { ...ask, scanner_pool: 'laab' }, 'scanner_pool'],
    ['a scanner that does not exist', { ...ask, scanner_instance: 'won' }, 'scanner_instance'],
    ['an argument that does not exist', { ...ask, priorty: 1 }, 'priorty'],
    ['a priority out of bounds', { ...ask, priority: 11 }, 'priority'],
  ])('refuses %s, by its name, and starts nothing', async (_what, args, argument) => {
    const world = makeWorld()
    const { code, details, message } = refusalOf(await world.call('run_untrusted_scan', args))
    expect(code).toBe('invalid_argument')
    expect(details['arguments']).toEqual([argument])
    expect(message.length).toBeGreaterThan(20)
    expect((await world.services.scans.list({ limit: 5 })).total).toBe(0)
    expect(world.waiting('admit')).toEqual([])
  })

  test('suggests the name that was meant', async () => {
    const world = makeWorld()
    expect(refusalOf(await world.call('run_untrusted_scan', { ...ask, scanner_pool: 'laab' })).message).toContain('lab')
    expect(refusalOf(await world.call('run_untrusted_scan', { ...ask, priorty: 1 })).message).toContain('priority')
  })

  test('refuses targets that no scanner may touch, and takes the scanner that may', async () => {
    const entries = [
      scannerEntry({ deniedTargets: ['192.0.2.0/24'] }),
      scannerEntry({ instanceId: 'two', allowedTargets: ['192.0.2.0/24'] }),
    ]
    const taken = resultOf(await makeWorld({ entries }).call('run_untrusted_scan', ask))
    expect(taken).toMatchObject({ scanner_instance: 'two' })
    const refused = refusalOf(await makeWorld({ entries: entries.slice(0, 1) }).call('run_untrusted_scan', ask))
    expect(refused).toMatchObject({ code: 'forbidden', details: { arguments: ['targets'] } })
  })

  test('refuses when the queue is full, and when no scanner is enabled or configured', async () => {
    const full = makeWorld({ limits: { queueMax: 1 } })
    await full.put(queuedScan())
    expect(refusalOf(await full.call('run_untrusted_scan', ask)).code).toBe('busy')
    const disabled = makeWorld({ entries: [scannerEntry({ enabled: false })] })
    expect(refusalOf(await disabled.call('run_untrusted_scan', ask)).code).toBe('unavailable')
    const none = makeWorld({ entries: [] })
    expect(refusalOf(await none.call('run_untrusted_scan', ask)).message).toContain('SCANNER_CONFIG')
  })
})

describe('idempotency', () => {
  const keyed = { ...ask, idempotency_key: 'nightly' }

  test('the same key and request start one scan', async () => {
    const world = makeWorld()
    const first = resultOf(await world.call('run_untrusted_scan', keyed))
    const again = resultOf(await world.call('run_untrusted_scan', ask, { idempotencyKey: 'nightly' }))
    expect(again).toMatchObject({ task_id: first['task_id'], idempotent: true })
    expect((await world.services.scans.list({ limit: 5 })).total).toBe(1)
  })

  test('the same key for another request is refused and names the first scan', async () => {
    const world = makeWorld()
    const first = resultOf(await world.call('run_untrusted_scan', keyed))
    const refused = refusalOf(await world.call('run_untrusted_scan', { ...keyed, name: 'Other' }))
    expect(refused).toMatchObject({ code: 'conflict', details: { task_id: first['task_id'] } })
  })

  test('keys of different callers are different, and a key is free again after 48 hours', async () => {
    const world = makeWorld()
    await world.call('run_untrusted_scan', keyed, { caller: 'a' })
    expect(resultOf(await world.call('run_untrusted_scan', keyed, { caller: 'b' }))).toMatchObject({
      idempotent: false,
    })
    world.clock.ms += 48 * 3_600_000 + 1
    expect(resultOf(await world.call('run_untrusted_scan', keyed, { caller: 'a' }))).toMatchObject({
      idempotent: false,
    })
  })

  test('a key that belongs to a deleted scan says so', async () => {
    const world = makeWorld()
    const first = resultOf(await world.call('run_untrusted_scan', keyed))
    await world.call('delete_scan', { task_id: first['task_id'] })
    expect(refusalOf(await world.call('run_untrusted_scan', keyed)).message).toContain('has been deleted')
  })
})

describe('credentials', () => {
  const login = { ...ask, scan_type: 'authenticated', username: 'scan', password: 'canary-finch' }

  test('inline ones reach the scanner, are shown masked, and are erased at the end', async () => {
    const world = makeWorld()
    const { task_id } = resultOf(await world.call('run_authenticated_scan', login))
    await world.settleDown()
    const [made] = world.scanner().marked(String(task_id))
    expect(made?.asked.credentials).toMatchObject({ username: 'scan', password: 'canary-finch' })
    const settings = resultOf(await world.call('get_scan_settings', { task_id }))
    expect(settings['settings']).toMatchObject({ credentials: { username: 'scan', password: '***REDACTED***' } })
    await world.pass(120_000)
    expect(await world.scan(String(task_id))).toMatchObject({ status: 'completed' })
    const everything = [...world.server.keyspace.data].map(([key, value]) => {
      const plain = value instanceof Map || value instanceof Set ? [...value] : value
      return `${key} ${JSON.stringify(plain)}`
    })
    expect(everything.filter((line) => line.includes('canary') || line.includes(':vault:'))).toEqual([])
  })

  test.each([
    ['a login without a password', { ...ask, scan_type: 'authenticated', username: 'scan' }, 'password'],
    [
      'a privileged scan without a way to become root',
      { ...login, scan_type: 'authenticated_privileged' },
      'elevate_privileges_with',
    ],
    ['a credential nobody configured', { ...ask, scan_type: 'authenticated', credential: 'linux' }, 'credential'],
  ])('refuses %s', async (_what, args, argument) => {
    const { details, message } = refusalOf(await makeWorld().call('run_authenticated_scan', args))
    expect(details['arguments']).toEqual([argument])
    expect(message).not.toContain('canary')
  })
})

describe('get_scan_status and stop_scan', () => {
  test('tell of an unknown scan, and of an id that is none', async () => {
    for (const tool of ['get_scan_status', 'stop_scan', 'get_scan_results']) {
      expect(refusalOf(await makeWorld().call(tool, { task_id: TASK })).code).toBe('not_found')
      expect(refusalOf(await makeWorld().call(tool, { task_id: '../x' })).code).toBe('invalid_argument')
    }
  })

  test('tell where a scan stands', async () => {
    const world = makeWorld()
    await world.put(queuedScan())
    const status = resultOf(await world.call('get_scan_status', { task_id: TASK }))
    expect(status).toMatchObject({ status: 'queued', queue_position: 1, progress: 0, error: null })
    expect(JSON.stringify(status)).not.toContain('credentials')
  })

  test('a waiting scan is stopped at once and leaves its queue', async () => {
    const world = makeWorld()
    await world.put(queuedScan())
    expect(resultOf(await world.call('stop_scan', { task_id: TASK }))).toMatchObject({
      status: 'canceled',
      stopping: false,
    })
    expect(await world.services.scans.queueDepth('lab', ['one'])).toBe(0)
  })

  test('a running one is stopped at its scanner, and asking again changes nothing', async () => {
    const world = makeWorld()
    const { task_id } = resultOf(await world.call('run_untrusted_scan', ask))
    await world.settleDown()
    expect(resultOf(await world.call('stop_scan', { task_id }))).toMatchObject({ stopping: true })
    const { revision } = await world.scan(String(task_id))
    await world.call('stop_scan', { task_id })
    expect(await world.scan(String(task_id))).toMatchObject({ revision })
    await world.pass(20_000)
    expect(await world.scan(String(task_id))).toMatchObject({ status: 'canceled', step: 'done' })
    expect(resultOf(await world.call('stop_scan', { task_id }))).toMatchObject({ status: 'canceled', stopping: false })
  })
})

describe('reading', () => {
  test('results are refused until there are some, with what to do instead', async () => {
    const world = makeWorld()
    await world.put(runningScan())
    const running = refusalOf(await world.call('get_scan_results', { task_id: TASK }))
    expect(running).toMatchObject({ code: 'not_ready', details: { status: 'running' } })
    expect(running.message).toContain('get_scan_status')
    const failure = { step: 'create', message: 'no route', remedy: 'Start it again.' }
    const failed = makeWorld()
    await failed.put(
      runningScan({ status: 'failed', step: 'done', ended_at: new Date(START_MS).toISOString(), failure }),
    )
    const reply = refusalOf(await failed.call('get_scan_results', { task_id: TASK }))
    expect(reply.message).toContain('no route')
    expect(reply.message).toContain('Start it again.')
  })

  test('results come as JSON lines, in the profile the scan was started with', async () => {
    const world = makeWorld()
    const { task_id } = resultOf(await world.call('run_untrusted_scan', { ...ask, schema_profile: 'minimal' }))
    await world.pass(120_000)
    const reply = await world.call('get_scan_results', { task_id })
    expect(reply).toMatchObject({ kind: 'text', contentType: 'application/x-ndjson' })
    expect(world.reports.queries).toMatchObject([{ profile: 'minimal', page: 1 }])
    const both = { task_id, custom_fields: ['host'], custom_schema: { fields: ['host'] } }
    expect(refusalOf(await world.call('get_scan_results', both)).details['arguments']).toEqual(['custom_schema'])
  })

  test('list_tasks narrows down by target and pages through', async () => {
    const world = makeWorld()
    for (const targets of ['10.0.0.0/24', '10.0.1.5', 'www.example.org']) {
      await world.call('run_untrusted_scan', { targets, name: targets })
      world.clock.ms += 1000
    }
    const names = async (args: object) => {
      const { tasks } = resultOf(await world.call('list_tasks', { ...args }))
      return (tasks as { name: string }[]).map(({ name }) => name)
    }
    expect(await names({ target_filter: '10.0.0.7' })).toEqual(['10.0.0.0/24'])
    expect(await names({ target_filter: '10.0.0.0/16' })).toEqual(['10.0.1.5', '10.0.0.0/24'])
    const first = resultOf(await world.call('list_tasks', { limit: 2 }))
    expect(first['next_cursor']).toEqual(expect.any(String))
    expect(await names({ limit: 2, cursor: first['next_cursor'] })).toEqual(['10.0.0.0/24'])
    const conflicting = { status: 'queued', status_filter: 'failed' }
    expect(refusalOf(await world.call('list_tasks', conflicting)).code).toBe('invalid_argument')
  })

  test('list_scanners shows use and health, and never a secret', async () => {
    const disabled = scannerEntry({ instanceId: 'two', enabled: false, password: 'canary-wren' })
    const world = makeWorld({ entries: [scannerEntry({ secretKey: 'canary-wren' }), disabled] })
    await world.put(runningScan())
    const enabled = resultOf(await world.call('list_scanners', {}))
    expect(enabled).toMatchObject({
      total: 1,
      scanners: [{ instance_id: 'one', active_scans: 1, utilization_pct: 50 }],
    })
    const all = resultOf(await world.call('list_scanners', { enabled_only: false }))
    expect(all['total']).toBe(2)
    expect(JSON.stringify(all)).not.toContain('canary')
  })
})

test('a call whose worker died is answered, and not run again', async () => {
  const world = makeWorld()
  const other = world.server.bus('other')
  await world.bus.pull(new Map([['run_untrusted_scan', 0]]))
  await world.emit('tool.run_untrusted_scan', { arguments: ask })
  await other.pull(new Map([['run_untrusted_scan', 1]]))
  world.clock.ms += 31_000
  const [delivery] = await world.bus.claim(new Map([['run_untrusted_scan', 1]]), true)
  expect(await runDelivery(delivery!, world.runner(world.bus))).toBe('refused')
  expect((await world.services.scans.list({ limit: 5 })).total).toBe(0)
})
