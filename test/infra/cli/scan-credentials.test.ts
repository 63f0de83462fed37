/** Every way to log in that the command line offers can be carried out with its options. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addCredentialOptions, readCredentials } from '../../../infra/cli/commands/scan-credentials.ts'
import {
  AUTH_METHOD_NEEDS,
  AUTH_METHODS,
  CREDENTIAL_FIELD_NAMES,
  CREDENTIAL_FIELDS,
} from '../../../lib/facts/credential-fields.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nessus-mcp-credentials-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function given(args: readonly string[], stdin = 'from-stdin\n'): Promise<object> {
  const command = addCredentialOptions(new Command('scan'))
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  command.parse([...args], { from: 'user' })
  return readCredentials(command.opts(), () => Promise.resolve(stdin))
}

function optionFor(name: keyof typeof CREDENTIAL_FIELDS): { args: string[]; value: unknown } {
  const [long = ''] = CREDENTIAL_FIELDS[name].option.split(' ')
  if (long === '--kdc-port') return { args: [long, '750'], value: 750 }
  if (long === '--auth-method') return { args: [long, 'password'], value: 'password' }
  if (!long.endsWith('-file')) return { args: [long, `the-${name}`], value: `the-${name}` }
  const file = join(folder, name)
  writeFileSync(file, `the-${name}\n`)
  return { args: [long, file], value: `the-${name}` }
}

describe('each way to log in', () => {
  test.each(AUTH_METHODS)('%s is carried out by the options for what it needs', async (method) => {
    const needed = AUTH_METHOD_NEEDS[method].map((name) => [name, optionFor(name)] as const)
    const args = needed.flatMap(([, { args: own }]) => own)
    expect(await given(['--auth-method', method, ...args])).toEqual({
      auth_method: method,
      ...Object.fromEntries(needed.map(([name, { value }]) => [name, value])),
    })
  })

  test.each(AUTH_METHODS)('%s says which option is missing', async (method) => {
    for (const missing of AUTH_METHOD_NEEDS[method].filter((name) => name !== 'username')) {
      const args = AUTH_METHOD_NEEDS[method].filter((name) => name !== missing).flatMap((name) => optionFor(name).args)
      const [long = ''] = CREDENTIAL_FIELDS[missing].option.split(' ')
      await expect(given(['--auth-method', method, ...args])).rejects.toThrow(long)
    }
  })

  test('a key alone is a public key, and with its certificate a certificate', async () => {
    const key = [...optionFor('username').args, ...optionFor('private_key').args]
    expect(await given(key)).toMatchObject({ auth_method: 'public key' })
    expect(await given([...key, ...optionFor('certificate').args])).toMatchObject({ auth_method: 'certificate' })
  })
})

test.each(CREDENTIAL_FIELD_NAMES)('%s can be given', async (name) => {
  const { args, value } = optionFor(name)
  expect(await given(['--credential', 'linux', ...args])).toMatchObject({ [name]: value })
})

test('no option takes a secret itself', () => {
  const secret = CREDENTIAL_FIELD_NAMES.map((name) => CREDENTIAL_FIELDS[name]).filter((field) => 'secret' in field)
  expect(secret.filter(({ option }) => !option.endsWith('-file <file>'))).toEqual([])
})

test('refuses a port that is none, a password given twice, and a login without an account', async () => {
  await expect(given(['--username', 'a', '--kdc-port', '0'])).rejects.toThrow('1 to 65535')
  const twice = ['--username', 'a', '--password-stdin', ...optionFor('password').args]
  await expect(given(twice)).rejects.toThrow('not both')
  await expect(given(['--realm', 'EXAMPLE.ORG'])).rejects.toThrow('--username')
  await expect(given(['--password-stdin'])).rejects.toThrow('--username')
})

test('asks for nothing and sends nothing when the scan does not log in', async () => {
  expect(await given([])).toEqual({})
})
