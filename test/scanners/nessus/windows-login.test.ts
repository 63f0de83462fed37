/** Windows credentials by the words and ids of the scanner's own form, whatever its version calls them. */
import { expect, test } from 'vitest'
import { CallerMistake } from '../../../lib/base/errors.ts'
import type { ScanCredentials } from '../../../lib/facts/credential-fields.ts'
import { windowsLogin } from '../../../lib/scanners/nessus/windows-login.ts'
import { refusalOf } from '../../support/tool-replies.ts'
import { makeWorld } from '../../support/world.ts'

const input = (id: string, type = 'entry') => ({ id, name: id, type, required: true })
const formOf = (options: object[]) => ({
  credentials: {
    data: [
      {
        name: 'Host',
        types: [
          { name: 'SSH', inputs: [{ id: 'auth_method', options: [{ name: 'Kerberos', inputs: [input('no')] }] }] },
          { name: 'Windows', inputs: [{ id: 'auth_method', type: 'select', options }] },
        ],
      },
    ],
  },
})
const HASH = { name: 'NTLM Hash', inputs: [input('username'), input('hash', 'password'), input('domain')] }
const base: ScanCredentials = { username: 'audit', authMethod: 'windows hash', password: 'f'.repeat(32) }
const withForm = (credentials: Partial<ScanCredentials>, options: object[]) => {
  const whole = { ...base, ...credentials } as ScanCredentials & { authMethod: 'windows hash' }
  return windowsLogin(whole, whole.authMethod, async () => formOf(options))
}

test('a password needs no form', async () => {
  const asked = windowsLogin({ ...base, domain: 'D' }, 'windows password', () => Promise.reject(new Error('asked')))
  expect(await asked).toEqual({ auth_method: 'Password', username: 'audit', password: base.password, domain: 'D' })
})

test.each([
  ['its secret called hash', HASH, { auth_method: 'NTLM Hash', hash: base.password }],
  [
    'its secret called password',
    { ...HASH, inputs: [input('username'), input('password', 'password'), input('domain')] },
    { auth_method: 'NTLM Hash', password: base.password },
  ],
  [
    'the way itself spelled otherwise',
    { ...HASH, name: 'NTLM hash' },
    { auth_method: 'NTLM hash', hash: base.password },
  ],
])('a hash goes in with %s', async (_what, option, sent) => {
  expect(await withForm({ domain: 'D' }, [option])).toEqual({ username: 'audit', domain: 'D', ...sent })
})

test('Kerberos goes in with the fields that the form has, and no others', async () => {
  const kerberos = { authMethod: 'windows kerberos', password: 'p', kdc: 'dc', realm: 'R' } as const
  const fields = ['username', 'kdc', 'kdc_port', 'kdc_transport'].map((id) => input(id))
  const old = { name: 'Kerberos', inputs: [...fields, input('password', 'password'), input('domain')] }
  const sent = { auth_method: 'Kerberos', username: 'audit', password: 'p' }
  const toCentre = { kdc: 'dc', kdc_port: '88', kdc_transport: 'tcp' }
  expect(await withForm(kerberos, [old])).toEqual({ ...sent, ...toCentre, domain: 'R' })
  const later = { name: 'Kerberos', inputs: [...old.inputs.slice(0, 2), input('password', 'password'), input('realm')] }
  expect(await withForm(kerberos, [later])).toEqual({ ...sent, kdc: 'dc', realm: 'R' })
})

test('a way that this version does not have is for the caller to mend', async () => {
  const [asked] = await Promise.allSettled([withForm({}, [{ name: 'Password', inputs: [] }, { name: 'LM Hash' }])])
  expect(asked).toMatchObject({ status: 'rejected', reason: expect.any(CallerMistake) as CallerMistake })
  expect(String((asked as PromiseRejectedResult).reason)).toMatch(/no NTLM Hash for Windows; .*Password, LM Hash/)
})

test('what is no hash is refused as it comes in, and not repeated', async () => {
  const args = { targets: '192.0.2.1', username: 'audit', auth_method: 'windows hash', password: 'canary' }
  const refusal = refusalOf(await makeWorld().call('run_trusted_scan', args))
  expect(refusal).toMatchObject({ code: 'invalid_argument', details: { arguments: ['password'] } })
  expect(refusal.message).toMatch(/password: expected the NTLM hash/)
  expect(refusal.message).not.toContain('canary')
})
