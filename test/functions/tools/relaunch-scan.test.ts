/** relaunch_scan repeats a scan of ours as a new one, through the same door; what is not ours, and what is gone, it refuses. */
import { describe, expect, test } from 'vitest'
import { scannerEntry } from '../../support/fake-registry.ts'
import { refusalOf, resultOf } from '../../support/tool-replies.ts'
import { makeWorld, type World, type WorldOptions } from '../../support/world.ts'
import { worldAtSimulator } from '../../support/world-at-simulator.ts'

const TWO_MINUTES_MS = 120_000
const ask = {
  targets: '192.0.2.0/29, !192.0.2.3',
  name: 'Weekly',
  description: 'why',
  template: 'discovery',
  settings: { port_range: '1-1024' },
  priority: 3,
  schema_profile: 'full',
}

/** A world in which a scan has ended. */
async function ranOnce(
  args: object = {},
  tool = 'run_untrusted_scan',
  options: WorldOptions = {},
  before: (world: World) => void = () => {},
) {
  const world = makeWorld(options)
  world.scanner().offered.templates.push({ name: 'discovery', title: '', description: '', uuid: 'discovery-uuid' })
  before(world)
  const first = String(resultOf(await world.call(tool, { ...ask, ...args }))['task_id'])
  await world.pass(TWO_MINUTES_MS)
  expect(await world.scan(first)).toMatchObject({ status: 'completed' })
  const again = async (more: object = {}, origin = {}) => {
    const answer = resultOf(await world.call('relaunch_scan', { task_id: first, ...more }, origin))
    return world.scan(String(answer['task_id']))
  }
  const refused = async (more: object = {}, origin = {}) =>
    refusalOf(await world.call('relaunch_scan', { task_id: first, ...more }, origin))
  return { world, first, again, refused }
}

test('a new scan of its own, asked for as the first was, at the scanner too', async () => {
  const { world, first, again } = await ranOnce()
  const made = await again()
  expect(made.task_id).not.toBe(first)
  const { name, description, template, settings, priority, schema_profile, targets } = await world.scan(first)
  expect(made).toMatchObject({ name, description, template, settings, priority, schema_profile, targets })
  expect(made).toMatchObject({ status: 'queued', relaunch_of: first, origin: 'created' })
  await world.pass(TWO_MINUTES_MS)
  const [one] = world.scanner().marked(first)
  const [other] = world.scanner().marked(made.task_id)
  expect(other?.asked).toEqual({ ...one?.asked, marker: made.task_id })
  expect(await world.scan(made.task_id)).toMatchObject({ status: 'completed' })
  expect(resultOf(await world.call('get_scan_settings', { task_id: made.task_id }))).toMatchObject({
    settings: { relaunch_of: first },
  })
})

test('all of its targets, not only those that are listed', async () => {
  const targets = Array.from({ length: 120 }, (_, n) => `192.0.2.${n * 2}`).join(',')
  const { again } = await ranOnce({ targets })
  expect(await again()).toMatchObject({ targets: { count: 120 } })
})

test('other targets, another name and priority go over those of the first', async () => {
  const { again } = await ranOnce()
  expect(await again({ targets: '192.0.2.77', name: 'Once more', priority: -1 })).toMatchObject({
    targets: { text: '192.0.2.77', count: 1 },
    name: 'Once more',
    priority: -1,
    template: 'discovery',
  })
})

test('the same key again starts no second one', async () => {
  const { world, first } = await ranOnce()
  const call = async () => resultOf(await world.call('relaunch_scan', { task_id: first, idempotency_key: 'k' }))
  const made = await call()
  expect(await call()).toMatchObject({ task_id: made['task_id'], idempotent: true, relaunch_of: first })
})

describe('all is asked anew', () => {
  test('targets, settings and scanners as they are allowed now (LA2)', async () => {
    const { world, refused } = await ranOnce()
    world.scanners.change('lab/one', { deniedTargets: ['192.0.2.0/24'] })
    expect(await refused()).toMatchObject({ code: 'forbidden', details: { arguments: ['targets'] } })
    world.scanners.change('lab/one', { deniedTargets: [], enabled: false })
    expect(await refused()).toMatchObject({ code: 'unavailable' })
  })

  test('too many hosts, and a full queue', async () => {
    const { refused, again } = await ranOnce({}, 'run_untrusted_scan', { limits: { queueMax: 1 } })
    expect(await refused({ targets: '10.0.0.0/8' })).toMatchObject({ code: 'invalid_argument' })
    await again()
    expect(await refused()).toMatchObject({ code: 'busy' })
  })

  test('a scan that was for one scanner stays with it, unless another is named', async () => {
    const entries = [
      scannerEntry(),
      scannerEntry({ instanceId: 'two' }),
      scannerEntry({ pool: 'dmz', instanceId: 'three' }),
    ]
    const { again } = await ranOnce({ scanner_instance: 'one', template: 'basic' }, 'run_untrusted_scan', { entries })
    expect(await again()).toMatchObject({ pinned_instance: 'one' })
    expect(await again({ scanner_instance: 'two' })).toMatchObject({ pinned_instance: 'two' })
    const elsewhere = await again({ scanner_pool: 'dmz' })
    expect(elsewhere).toMatchObject({ scanner_pool: 'dmz' })
    expect(elsewhere.pinned_instance).toBeUndefined()
  })

  test('the policy is the one it was: another that bears its id or its name is not taken (LA3)', async () => {
    const policies = [{ id: 4, name: 'Office', description: '' }]
    const withPolicy = { policy: '4', template: 'basic', settings: undefined }
    const { world, again, refused } = await ranOnce(withPolicy, 'run_untrusted_scan', {}, (made) => {
      made.scanner().offered.templates.push({ name: 'custom', title: '', description: '', uuid: 'custom-uuid' })
      made.scanner().offered.policies.push(...policies)
    })
    expect(await again()).toMatchObject({ policy: { asked: '4', id: 4, name: 'Office' } })
    const { policies: saved } = world.scanner().offered
    saved.splice(0, 1, { id: 4, name: 'Everything, hard', description: '' })
    expect((await refused()).message).toContain('was "Office"')
    saved.splice(0, 1, { id: 9, name: 'Office', description: '' })
    expect((await refused()).message).toContain('any more')
  })
})

describe('credentials', () => {
  const named = (made: World, callers?: readonly string[]) => {
    const credentials = { username: 'deploy', password: 'p', authMethod: 'password' as const }
    for (const name of ['linux', 'spare'])
      made.scanners.credentials.push({
        name,
        credentials,
        allowedTargets: ['192.0.2.0/24'],
        ...(callers && { callers }),
      })
  }
  const login = { scan_type: 'authenticated', credential: 'linux', more_credentials: ['spare'] }

  test('configured ones are used again, all of them', async () => {
    const { again } = await ranOnce(login, 'run_authenticated_scan', {}, named)
    expect((await again()).credentials).toMatchObject({ kind: 'named', ref: 'linux', more: ['spare'] })
    expect((await again({ credential: 'spare' })).credentials).toEqual({
      kind: 'named',
      ref: 'spare',
      shown: { credential: 'spare' },
    })
    expect((await again({ more_credentials: [] })).credentials).toEqual({
      kind: 'named',
      ref: 'linux',
      shown: { credential: 'linux' },
    })
  })

  test('for the targets and the callers that they are for now (LA2)', async () => {
    const { world, refused } = await ranOnce(login, 'run_authenticated_scan', {}, named)
    expect(await refused({ targets: '198.51.100.1' })).toMatchObject({ code: 'forbidden' })
    world.scanners.credentials.splice(0)
    named(world, ['ann'])
    expect(await refused({}, { caller: 'bob' })).toMatchObject({ details: { arguments: ['credential'] } })
  })

  test('those of the first call are gone: it says so, and takes a configured one in their place', async () => {
    const inline = { scan_type: 'authenticated', username: 'root', password: 'hunter2' }
    const { world, first, again, refused } = await ranOnce(inline, 'run_authenticated_scan', {}, named)
    const { message, details } = await refused()
    expect(message).toContain('erased')
    expect(message).toContain('linux, spare')
    expect(message).toContain('run_authenticated_scan')
    expect(details).toMatchObject({ arguments: ['credential'], task_id: first })
    expect((await again({ credential: 'linux' })).credentials).toMatchObject({ kind: 'named', ref: 'linux' })
    expect(world.waiting('admit')).toHaveLength(1)
  })

  test('a scan that looked from outside stays one', async () => {
    const { refused } = await ranOnce({}, 'run_untrusted_scan', {}, named)
    expect((await refused({ credential: 'linux' })).message).toContain('run_authenticated_scan')
  })
})

describe('what is not repeated', () => {
  test('a scan that has not ended', async () => {
    const world = makeWorld()
    const first = resultOf(await world.call('run_untrusted_scan', { targets: '192.0.2.1' }))
    const refusal = refusalOf(await world.call('relaunch_scan', { task_id: String(first['task_id']) }))
    expect(refusal).toMatchObject({ code: 'conflict', details: { status: 'queued' } })
    expect(refusal.message).toContain('stop_scan')
  })

  test('somebody else’s: nothing is launched at the scanner, and it says who may (LA1)', async () => {
    const { world, people, simulator } = await worldAtSimulator()
    const id = people.makeScan()
    people.ranBefore(id, { times: 1 })
    const adopted = resultOf(await world.call('adopt_scan', { scanner_scan_id: id }))
    await world.settleDown()
    const refusal = refusalOf(await world.call('relaunch_scan', { task_id: String(adopted['task_id']) }))
    expect(refusal).toMatchObject({ code: 'conflict', details: { origin: 'adopted' } })
    expect(refusal.message).toContain('adopt_scan')
    await world.settleDown()
    expect(simulator.control.counts()).toMatchObject({ totals: { creates: 0, launches: 0 }, othersTouched: [] })
  })

  test('one that is not there', async () => {
    const refusal = refusalOf(await makeWorld().call('relaunch_scan', { task_id: 'ns_one_20260301_080000_00000000' }))
    expect(refusal.code).toBe('not_found')
  })
})
