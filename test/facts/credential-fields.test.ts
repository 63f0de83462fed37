/** A credential field stands in one table, and everything that handles credentials knows it from there. */
import { describe, expect, test } from 'vitest'
import * as v from 'valibot'
import { tools } from '../../functions/index.ts'
import {
  argumentOf,
  AUTH_METHODS,
  CREDENTIAL_FIELD_NAMES,
  CREDENTIAL_FIELDS,
  ESCALATION_SPELLINGS,
  ESCALATIONS,
  SECRET_ARGUMENTS,
  secretValues,
  toScanCredentials,
} from '../../lib/facts/credential-fields.ts'
import { idempotencyKey } from '../../lib/client/idempotency-key.ts'
import { redact } from '../../lib/observe/redact.ts'
import { MASK } from '../../lib/base/mask-secrets.ts'
import { credentialFields } from '../../lib/scanners/configuration/fields.ts'
import { elevationOf } from '../../lib/scanners/nessus/elevation.ts'

/** A made-up value of each field. */
const all = Object.fromEntries(
  CREDENTIAL_FIELD_NAMES.map((name) => [name, 'portMax' in CREDENTIAL_FIELDS[name] ? 88 : `the ${name}`]),
)
const whole = toScanCredentials({ ...all, username: 'audit', auth_method: 'password' })
const runTool = tools.find(({ name }) => name === 'run_authenticated_scan')!

describe.each(CREDENTIAL_FIELD_NAMES)('%s', (name) => {
  const secret = 'secret' in CREDENTIAL_FIELDS[name]

  test('is an argument of the run tool, with the length of the table', () => {
    const schema = runTool.arguments.entries[name]
    expect(schema, 'add it to lib/scan-work/start/credential-arguments.ts').toBeDefined()
    if ('portMax' in CREDENTIAL_FIELDS[name] || name === 'auth_method' || name === 'elevate_privileges_with') return
    const { charsMax } = CREDENTIAL_FIELDS[name]
    expect(v.is(schema!, 'x'.repeat(charsMax)), 'the longest').toBe(true)
    expect(v.is(schema!, 'x'.repeat(charsMax + 1)), 'one more').toBe(false)
  })

  test('is a key of a named credential', () => {
    expect(Object.keys(credentialFields)).toContain(name)
  })

  test('reaches the scanner client under its own name, and is named to people by ours', () => {
    const key = CREDENTIAL_FIELDS[name].as
    expect(whole[key]).toBeDefined()
    expect(argumentOf(key)).toBe(name)
  })

  test('is masked everywhere exactly when it is secret', async () => {
    expect(runTool.secrets.includes(name), 'sealed at the gateway').toBe(secret)
    expect(secretValues(whole).includes(`the ${name}`), "masked in the scanner's words").toBe(secret)
    const withIt = await idempotencyKey('run', { targets: 'x', [name]: 'one' })
    expect(withIt === (await idempotencyKey('run', { targets: 'x', [name]: 'two' })), 'left out of keys').toBe(secret)
    const logged = JSON.stringify(redact({ [name]: 'hush' }))
    expect(!secret || logged.includes(MASK), 'masked in logs').toBe(true)
  })
})

/** By hand, so that a secret does not cease to be one by a slip in the table. */
test('these are secret, older names among them', () => {
  const secrets = ['password', 'ssh_password', 'private_key', 'passphrase', 'escalation_password']
  expect([...SECRET_ARGUMENTS].sort()).toEqual(secrets.sort())
})

test('the tools and the configuration offer the same ways to log in', () => {
  const options = (schema: unknown) => (schema as { readonly wrapped?: { readonly options?: unknown } }).wrapped
  expect(v.parse(credentialFields.auth_method, undefined)).toBe('password')
  for (const method of AUTH_METHODS) {
    expect(v.is(credentialFields.auth_method, method)).toBe(true)
    expect(v.is(runTool.arguments.entries['auth_method']!, method)).toBe(true)
  }
  expect(options(credentialFields.auth_method)).toMatchObject({ options: AUTH_METHODS })
})

test('every way to become root is understood in each of its spellings', () => {
  for (const word of ESCALATIONS) {
    for (const spelling of [word, ...ESCALATION_SPELLINGS[word]]) {
      expect(elevationOf({ elevateWith: spelling.toUpperCase() })).toBe(word)
    }
  }
})
