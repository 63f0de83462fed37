/** What all run tools share: idempotency keys and credentials. */
import { describe, expect, test } from 'vitest'
import { refusalOf, resultOf } from '../../support/tool-replies.ts'
import { makeWorld } from '../../support/world.ts'

const ask = { targets: '192.0.2.10, 192.0.2.11', name: 'Weekly' }

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
