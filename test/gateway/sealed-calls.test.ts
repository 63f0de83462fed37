/** Goal: what is secret is checked before it is masked, and no message repeats it. */
import { expect, test } from 'vitest'
import { tools } from '../../functions/index.ts'
import { Refusal } from '../../lib/base/errors.ts'
import { sealCall } from '../../lib/gateway/call-event.ts'
import { scanKeys } from '../../lib/scans/scan-keys.ts'
import { makeVault } from '../../lib/scans/vault.ts'

const tool = tools.find(({ name }) => name === 'run_authenticated_scan')!
const vault = makeVault('a key that only this test knows')
const deps = { vault, scanKeys: scanKeys('{test}'), makeId: () => 'ref', digest: () => 'digest' }
const seal = (args: Record<string, unknown>) => sealCall(tool, args, {}, deps)
const refusalOf = (args: Record<string, unknown>): Refusal => {
  try {
    seal(args)
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new Error('expected a refusal')
}

test.each([
  ['a number', { password: 918273645 }, '918273645'],
  ['a list', { ssh_password: ['hunter2'] }, 'hunter2'],
  ['an empty text', { password: '' }, '""'],
  ['a text that is too long', { escalation_password: 'hunter2'.repeat(1000) }, 'hunter2'],
])('a secret that is %s is refused without being repeated', (_, args, secret) => {
  const refusal = refusalOf(args)
  expect(refusal.code).toBe('invalid_argument')
  expect(refusal.message).toContain(Object.keys(args)[0])
  expect(JSON.stringify([refusal.message, refusal.details])).not.toContain(secret)
})

test('a secret that is right is sealed, and only its mask travels', () => {
  const { data, writes } = seal({ username: 'scan', password: 'hunter2' })
  expect(JSON.stringify([data, writes])).not.toContain('hunter2')
  expect(vault.open('ref', writes[0]![2]!)).toEqual({ password: 'hunter2' })
})
