/** list_policies tells what people saved at a scanner, and what of it can be used. */
import { expect, test } from 'vitest'
import { scannerEntry } from '../../support/fake-registry.ts'
import { refusalOf, resultOf } from '../../support/tool-replies.ts'
import { makeWorld } from '../../support/world.ts'

const policy = (id: number, name: string, more: object = {}) => ({ id, name, description: '', ...more })

test('names policies in order, with what keeps one from being used', async () => {
  const world = makeWorld()
  world
    .scanner()
    .offered.policies.push(
      policy(9, 'Weekly', { template: 'advanced', owner: 'ann', lastModifiedAt: 1_750_000_000 }),
      policy(4, 'Agents', { obstacle: 'it is for agents' }),
    )
  expect(resultOf(await world.call('list_policies', {}))).toMatchObject({
    scanner_instance: 'one',
    total: 2,
    policies: [
      { policy_id: 4, name: 'Agents', usable: false, problem: 'it is for agents', template: null, owner: null },
      { policy_id: 9, usable: true, problem: null, template: 'advanced', owner: 'ann' },
    ],
    untrusted_text: expect.arrayContaining(['policies.name', 'policies.owner']) as string[],
  })
})

test('counts before it cuts, and says so of a date that is none', async () => {
  const world = makeWorld()
  world.scanner().offered.policies.push(policy(1, 'a', { lastModifiedAt: 9e15 }), policy(2, 'b'), policy(3, 'other'))
  const result = resultOf(await world.call('list_policies', { name_filter: 'A', limit: 1 }))
  expect(result).toMatchObject({ total: 1, policies: [{ name: 'a', last_modified_at: null }] })
  expect(resultOf(await world.call('list_policies', { limit: 2 }))).toMatchObject({ total: 3 })
})

test('among several scanners one has to be named', async () => {
  const world = makeWorld({ entries: [scannerEntry(), scannerEntry({ instanceId: 'two' })] })
  expect(refusalOf(await world.call('list_policies', {})).message).toMatch(/one.*two/)
})
