/** A scan from a policy is refused before anything is queued when the policy cannot be what was meant, and goes where the policy is. */
import { describe, expect, test } from 'vitest'
import { scannerEntry } from '../../support/fake-registry.ts'
import type { FakeScanner } from '../../support/fake-scanner.ts'
import { refusalOf, resultOf } from '../../support/tool-replies.ts'
import { makeWorld, type World } from '../../support/world.ts'

const ask = { targets: '192.0.2.10', name: 'Weekly' }
const POLICIES = [
  { id: 4, name: 'Office, weekly', description: '', templateUuid: 'basic-uuid' },
  { id: 5, name: 'Twin', description: '' },
  { id: 6, name: 'Twin', description: '' },
  { id: 7, name: 'Agents', description: '', obstacle: 'its template agent_basic cannot run: it is for agents' },
  { id: 8, name: '4', description: '' },
]
const saved = (scanner: FakeScanner, policies: FakeScanner['offered']['policies'] = POLICIES) => {
  scanner.offered.templates.push({ name: 'custom', title: '', description: '', uuid: 'custom-uuid' })
  scanner.offered.policies.push(...policies)
}
const oneWorld = () => {
  const world = makeWorld()
  saved(world.scanner())
  return world
}
const submitted = async (world: World, args: object) =>
  world.scan(String(resultOf(await world.call('run_untrusted_scan', { ...ask, ...args }))['task_id']))

describe('a scan from a policy', () => {
  test.each([
    ['its name', 'Office, weekly', 4],
    ['its name in another case', 'OFFICE, WEEKLY', 4],
    ['its id', '6', 6],
    ['its id, as a number', 6, 6],
  ])('is made of the one that %s names, for good, and at the scanner that has it', async (_what, policy, id) => {
    const world = oneWorld()
    const scan = await submitted(world, { policy })
    expect(scan).toMatchObject({ policy: { asked: String(policy), id }, pinned_instance: 'one' })
    await world.pass(120_000)
    expect(world.scanner().marked(scan.task_id)[0]?.asked.policy).toMatchObject({ id })
    expect(await world.scan(scan.task_id)).toMatchObject({ status: 'completed' })
  })

  test('tells in get_scan_settings which it was, and by which template it went', async () => {
    const world = oneWorld()
    const { task_id } = await submitted(world, { policy: 'office, weekly' })
    expect(resultOf(await world.call('get_scan_settings', { task_id }))).toMatchObject({
      settings: { template: 'basic', policy: { asked: 'office, weekly', id: 4, name: 'Office, weekly' } },
    })
  })

  test.each([
    ['is not there', { policy: 'Offise, weekly' }, /did you mean Office, weekly.*list_policies/, ['policy']],
    ['is one of two of its name', { policy: 'Twin' }, /"Twin" \(id 5\), "Twin" \(id 6\).*send the id/, ['policy']],
    [
      'is the id of one and the name of another',
      { policy: '4' },
      /"4" \(id 8\), "Office, weekly" \(id 4\)/,
      ['policy'],
    ],
    ['cannot run here', { policy: 'Agents' }, /"Agents" \(id 7\): its template agent_basic cannot run/, ['policy']],
    [
      'comes with a template',
      { policy: 'Twin', template: 'x' },
      /policy or template, not both/,
      ['policy', 'template'],
    ],
  ])('is refused when it %s, and nothing is queued (SB1, SB2)', async (_what, args, message, names) => {
    const world = oneWorld()
    const refusal = refusalOf(await world.call('run_untrusted_scan', { ...ask, ...args }))
    expect(refusal).toMatchObject({ code: 'invalid_argument', details: { arguments: names } })
    expect(refusal.message).toMatch(message)
    expect((await world.services.scans.list({ limit: 5 })).total).toBe(0)
  })

  test('goes to the scanner of the pool that has it; an id means none of several', async () => {
    const world = makeWorld({ entries: [scannerEntry(), scannerEntry({ instanceId: 'two' })] })
    saved(world.scanner('lab/two'))
    expect(await submitted(world, { policy: 'Office, weekly' })).toMatchObject({ pinned_instance: 'two' })
    const refusal = refusalOf(await world.call('run_untrusted_scan', { ...ask, policy: '4' }))
    expect(refusal).toMatchObject({ details: { arguments: ['scanner_instance', 'policy'] } })
    const named = await submitted(world, { policy: '6', scanner_instance: 'two' })
    expect(named).toMatchObject({ pinned_instance: 'two', policy: { id: 6 } })
  })

  test('is taken as it was written where the scanner does not answer, and looked up when it is made', async () => {
    const world = oneWorld()
    world.scanner().fault = (method) => {
      if (method === 'policies') throw new Error('away')
    }
    const scan = await submitted(world, { policy: 'Office, weekly' })
    expect(scan).toMatchObject({ status: 'queued', policy: { asked: 'Office, weekly' }, template: 'custom' })
    expect(scan.policy).not.toHaveProperty('id')
  })

  test('finds one that was saved after the list was read last', async () => {
    const world = oneWorld()
    refusalOf(await world.call('run_untrusted_scan', { ...ask, policy: 'New' }))
    world.scanner().offered.policies.push({ id: 12, name: 'New', description: '' })
    expect(await submitted(world, { policy: 'New' })).toMatchObject({ policy: { id: 12 } })
  })
})
