import { expect, test } from 'vitest'
import { PermanentError } from '../../lib/base/errors.ts'
import { makeVault } from '../../lib/scans/vault.ts'

const vault = makeVault('the key of this installation')
const secret = { password: 'canary-robin' }

test('opens what it sealed, and shows nothing of it meanwhile', () => {
  const sealed = vault.seal('a', secret)
  expect(Buffer.from(sealed, 'base64').toString('latin1')).not.toContain('canary')
  expect(vault.open('a', sealed)).toEqual(secret)
  expect(vault.seal('a', secret), 'sealed twice alike').not.toBe(sealed)
})

const flipped = (sealed: string, at: number) => {
  const bytes = Buffer.from(sealed, 'base64')
  bytes[at < 0 ? bytes.length + at : at]! ^= 1
  return bytes.toString('base64')
}

test.each([
  ['with another key', (sealed: string) => makeVault('the key of another one').open('a', sealed)],
  ['under another reference', (sealed: string) => vault.open('b', sealed)],
  ['with a changed nonce', (sealed: string) => vault.open('a', flipped(sealed, 0))],
  ['with a changed tag', (sealed: string) => vault.open('a', flipped(sealed, 13))],
  ['with changed content', (sealed: string) => vault.open('a', flipped(sealed, -1))],
  ['cut short', (sealed: string) => vault.open('a', sealed.slice(0, 40))],
  ['of no length at all', () => vault.open('a', '')],
])('does not open %s, and says nothing of what is inside', (_how, open) => {
  let thrown: unknown
  try {
    open(vault.seal('a', secret))
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(PermanentError)
  expect(String(thrown)).toContain('SECRET_KEY')
  expect(String(thrown)).not.toContain('canary')
})
