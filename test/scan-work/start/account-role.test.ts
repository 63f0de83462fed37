/** What may not launch a scan is said before it is queued: by licence, and by the role of the account. */
import { expect, test } from 'vitest'
import type { ScannerHealth } from '../../../lib/scanners/scanner.ts'
import { scannerEntry } from '../../support/fake-registry.ts'
import { refusalOf, resultOf } from '../../support/tool-replies.ts'
import { makeWorld } from '../../support/world.ts'
import { worldAtSimulator } from '../../support/world-at-simulator.ts'

const ask = { targets: '192.0.2.10' }
const BASIC: Partial<ScannerHealth> = { role: 'basic', problem: 'its account has the role Basic' }

async function probed(healths: Readonly<Record<string, Partial<ScannerHealth>>>) {
  const world = makeWorld({ entries: Object.keys(healths).map((instanceId) => scannerEntry({ instanceId })) })
  for (const [instance, health] of Object.entries(healths)) {
    const fake = world.scanner(`lab/${instance}`)
    fake.health = { ...fake.health, ...health }
  }
  await world.emit('probe.due', {})
  await world.settleDown()
  return world
}

test('where every account is a basic one, the call is refused with the remedy, and nothing waits', async () => {
  const world = await probed({ one: BASIC })
  const refusal = refusalOf(await world.call('run_untrusted_scan', ask))
  expect(refusal.code).toBe('unavailable')
  expect(refusal.message).toMatch(/account of one has the role Basic.*Standard or higher.*adopt_scan/)
  expect((await world.services.scans.list({ limit: 5 })).total).toBe(0)
})

test('one that may launch takes the scan, and the scan is not tied to it', async () => {
  const world = await probed({ one: BASIC, two: { role: 'standard' }, three: { launch: 'not_allowed' } })
  const { task_id } = resultOf(await world.call('run_untrusted_scan', ask))
  expect((await world.scan(String(task_id))).pinned_instance).toBeUndefined()
  await world.pass(120_000)
  expect(await world.scan(String(task_id))).toMatchObject({ status: 'completed', scanner_instance: 'two' })
})

test('one that may not launch is not asked for a policy either', async () => {
  const world = await probed({ one: BASIC, two: {} })
  world.scanner('lab/one').offered.policies.push({ id: 4, name: 'Office', description: '', templateUuid: 'basic-uuid' })
  expect(refusalOf(await world.call('run_untrusted_scan', { ...ask, policy: 'Office' })).message).toContain('lab/two')
})

test('a scan that waits when the account loses its role says so', async () => {
  const world = await probed({ one: {} })
  const { task_id } = resultOf(await world.call('run_untrusted_scan', ask))
  world.scanner().health = { ...world.scanner().health, ...BASIC }
  await world.emit('probe.due', {})
  await world.deliver('probe')
  await world.settleDown()
  const { keyspace, keys } = world.server
  keyspace.apply(['ZADD', keys.hosting('admit'), String(world.clock.ms), 'a worker'])
  expect(resultOf(await world.call('get_scan_status', { task_id: String(task_id) }))).toMatchObject({
    status: 'queued',
    trouble: { message: 'its account has the role Basic' },
  })
})

test('list_scanners tells role and licence, as the simulated scanner has them', async () => {
  const { world } = await worldAtSimulator({ simulator: { permissions: 16, licensedHosts: 16 } })
  expect(resultOf(await world.call('list_scanners', {}))['scanners']).toMatchObject([
    { ready: true, account_role: 'basic', licensed_hosts: 16, licensed_hosts_used: 0, problem: expect.any(String) },
  ])
})
