/** A private key is read where it comes in: mended or refused before anything is stored, by a call and by the configuration alike. */
import { expect, test } from 'vitest'
import { parseConfiguration } from '../../lib/scanners/configuration/configuration.ts'
import { refusalOf, resultOf } from '../support/tool-replies.ts'
import { makeWorld, vault } from '../support/world.ts'

const KEY = '-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n'
const LOCKED = KEY.replaceAll('PRIVATE', 'ENCRYPTED PRIVATE')
const ask = { targets: '192.0.2.10', username: 'audit', auth_method: 'public key', private_key: KEY }
const withCertificate = { ...ask, auth_method: 'certificate' }

test('a key with line ends written as two characters is sealed as the key it was', async () => {
  const world = makeWorld()
  const called = await world.call('run_trusted_scan', { ...ask, private_key: KEY.replaceAll('\n', '\\n') })
  const { credentials } = await world.scan(String(resultOf(called)['task_id']))
  const sealed = await world.services.keyspace.get(world.services.scanKeys.vault(credentials!.ref))
  expect(vault.open(credentials!.ref, sealed!)).toMatchObject({ private_key: KEY })
  expect(JSON.stringify(credentials)).not.toContain('Y2FuYXJ5')
})

test.each([
  ['a public key', { ...ask, private_key: 'ssh-rsa AAAAcanary' }, 'private_key', /a public key/],
  ['a path', { ...ask, private_key: '/home/canary/key.pem' }, 'private_key', /path of a file/],
  ['an encrypted key alone', { ...ask, private_key: LOCKED }, 'passphrase', /passphrase of private_key/],
  ['a private key as certificate', { ...withCertificate, certificate: KEY }, 'certificate', /got a private key/],
])('%s is refused by name before anything is stored', async (_what, args, argument, message) => {
  const world = makeWorld()
  const refusal = refusalOf(await world.call('run_trusted_scan', args))
  expect(refusal).toMatchObject({ code: 'invalid_argument', details: { arguments: [argument] } })
  expect(refusal.message).toMatch(message)
  expect(refusal.message).not.toMatch(/canary|Y2FuYXJ5/)
  expect((await world.services.scans.list({ limit: 5 })).total).toBe(0)
})

test('an encrypted key with its passphrase is taken', async () => {
  const called = await makeWorld().call('run_trusted_scan', { ...ask, private_key: LOCKED, passphrase: 'p' })
  expect(resultOf(called)).toMatchObject({ status: 'queued' })
})

test.each([
  [{ private_key: 'ssh-rsa AAAAcanary' }, /credentials\.x\.private_key: expected a private key as PEM, .*public key/],
  [{ private_key: LOCKED }, /credentials\.x\.passphrase: missing; the private key is encrypted/],
  [{ private_key: KEY, certificate: KEY }, /credentials\.x\.certificate: expected a certificate, got a private key/],
])('a configured credential is held to the same', (fields, message) => {
  const entry = { username: 'u', auth_method: 'public key', allowed_targets: [], ...fields }
  const read = () =>
    parseConfiguration({
      text: JSON.stringify({ credentials: { x: entry } }),
      file: 'scanners.yaml',
      env: {},
      readFile: () => '',
    })
  expect(read).toThrow(message)
  expect(read).not.toThrow(/canary|Y2FuYXJ5/)
})
