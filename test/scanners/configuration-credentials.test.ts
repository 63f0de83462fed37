/** Credentials by kind and fields in `scanners.yaml`: read whole, told what is missing, and no value repeated. */
import { describe, expect, test } from 'vitest'
import { parseConfiguration } from '../../lib/scanners/configuration/configuration.ts'

const FILES: Readonly<Record<string, string>> = { '/etc/n/keys/one': 'from a file\n' }
const parse = (entry: string, env: Record<string, string> = {}) =>
  parseConfiguration({
    text: `credentials:\n  x:\n${entry.replace(/^/gm, '    ')}\n`,
    file: '/etc/n/scanners.yaml',
    env,
    readFile(path) {
      const content = FILES[path]
      if (content === undefined) throw Object.assign(new Error('none'), { code: 'ENOENT' })
      return content
    },
  }).credentials[0]

const problemsOf = (entry: string): string => {
  try {
    parse(entry)
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('expected problems')
}

test('fields come as text, from a variable, from a file, as a port or as a box', () => {
  const entry =
    'kind: vcenter\nallowed_targets: [10.0.0.0/8]\ncallers: [alice]\nfields:\n  host: vc.example\n  username: ${WHO}\n' +
    '  password: {file: keys/one}\n  port: 8443\n  verify_ssl: false'
  expect(parse(entry, { WHO: 'audit' })).toEqual({
    name: 'x',
    allowedTargets: ['10.0.0.0/8'],
    callers: ['alice'],
    credentials: {
      kind: 'vcenter',
      fields: { host: 'vc.example', username: 'audit', password: 'from a file', port: '8443', verify_ssl: 'no' },
    },
  })
})

test('what belongs to all credentials of a kind is read beside the login', () => {
  expect(parse('username: u\npassword: p\nssh_port: 2222')?.credentials).toMatchObject({ settings: { ssh_port: 2222 } })
  const windows = 'username: u\npassword: p\nauth_method: windows password\nstart_remote_registry: true'
  expect(parse(windows)?.credentials).toMatchObject({ settings: { start_remote_registry: true } })
})

describe('is refused', () => {
  test.each([
    ['kind: oracle\nfields: {username: u}', /x\.fields\.password: missing; credentials of the kind oracle need it/],
    ['kind: oracle\nfields: 5', /x\.fields: expected a mapping/],
    ['kind: oracle\nusername: canary', /x\.username: unknown key/],
    ['kind: some service\nfields: {}', /x\.fields: expected 1 to 60 fields, got 0/],
    ['kind: some service\nfields: {pin: 0123456}', /x\.fields\.pin: expected text .*digits in quotes/],
    ['kind: some service\nfields: {pin: [canary]}', /x\.fields\.pin: expected text/],
    ['kind: some service\nfields: {key: {file: nowhere}}', /x\.fields\.key: cannot read .*nowhere \(ENOENT\)/],
    ['kind: ssh\nfields: {private_key: ssh-rsa canary}', /x\.fields\.private_key: expected a private key as PEM/],
    ['username: u\npassword: p\nstart_remote_registry: true', /start_remote_registry: belongs to Windows credentials/],
    ['username: u\npassword: p\nauth_method: windows password\nssh_port: 22', /ssh_port: belongs to SSH credentials/],
    ['username: u\npassword: p\nssh_port: 70000', /x\.ssh_port/],
  ])('%j', (entry, message) => {
    const problems = problemsOf(entry)
    expect(problems).toMatch(message)
    expect(problems).not.toMatch(/canary|123456/)
  })
})
