/** Every form of credentials, from the call to the scan at the scanner, where the fields are seen and the secrets masked. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Simulator } from '../../../infra/simulator/simulator.ts'
import { openHouse, scanner, type House } from '../../support/house.ts'
import { personAt } from '../../support/person.ts'

const KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nnot a key\n-----END OPENSSH PRIVATE KEY-----\n'
const MASKED = '********'
const HIDDEN = '***REDACTED***'

const config = ({ quick }: { quick: Simulator }) => ({
  nessus: [scanner('quick')(quick)],
  credentials: {
    'linux-prod': {
      allowed_targets: ['192.0.2.0/24'],
      username: 'deploy',
      password: 'configured',
      elevate_privileges_with: 'sudo',
      escalation_password: 'configured too',
    },
    'windows-prod': {
      username: 'admin',
      password: 'configured',
      auth_method: 'windows password',
      domain: 'CORP',
      allowed_targets: ['192.0.2.0/24'],
    },
  },
})

let house: House
beforeAll(async () => {
  house = await openHouse({ config })
})
afterAll(() => house?.close())

interface Type {
  readonly name: string
  readonly instances: readonly Readonly<Record<string, string>>[]
}

/** The credentials of the scan as the scanner's own editor shows them, by type. */
async function atScanner(taskId: string): Promise<Record<string, Type['instances']>> {
  const { nessus_scan_id: id } = await house.ended(taskId)
  const response = await personAt(house.quick).get(`/editor/scan/${String(id)}`)
  const editor = (await response.json()) as { credentials: { data: { types: Type[] }[] } }
  const types = editor.credentials.data.flatMap(({ types: each }) => each)
  return Object.fromEntries(
    types.filter(({ instances }) => instances.length > 0).map((type) => [type.name, type.instances]),
  )
}

async function startWith(tool: string, credentials: object): Promise<string> {
  const started = await house.result(tool, { targets: '192.0.2.1', name: 'n', ...credentials })
  return String(started['task_id'])
}

const plain = { scan_type: 'authenticated' }
const privileged = { scan_type: 'authenticated_privileged' }
const login = { username: 'audit', password: 'pw' }
const ssh = { auth_method: 'password', username: 'audit', password: MASKED }

describe('what the caller gives is what the scanner gets', () => {
  test.each([
    ['a password', 'run_trusted_scan', login, { SSH: [{ ...ssh, elevate_privileges_with: 'Nothing' }] }],
    [
      'the older names',
      'run_authenticated_scan',
      { ...plain, ssh_username: 'audit', ssh_password: 'pw' },
      { SSH: [{ ...ssh, elevate_privileges_with: 'Nothing' }] },
    ],
    [
      'sudo',
      'run_privileged_scan',
      { ...login, escalation_method: 'sudo', escalation_password: 'root pw' },
      { SSH: [{ ...ssh, elevate_privileges_with: 'sudo', escalation_account: 'root', escalation_password: MASKED }] },
    ],
    [
      'sudo without a password',
      'run_privileged_scan',
      { ...login, escalation_method: 'sudo' },
      { SSH: [{ ...ssh, elevate_privileges_with: 'sudo', escalation_account: 'root' }] },
    ],
    [
      'su to another account',
      'run_authenticated_scan',
      { ...privileged, ...login, elevate_privileges_with: 'su', escalation_account: 'toor', escalation_password: 'p' },
      { SSH: [{ ...ssh, elevate_privileges_with: 'su', escalation_account: 'toor', escalation_password: MASKED }] },
    ],
    [
      '.k5login',
      'run_authenticated_scan',
      { ...privileged, ...login, elevate_privileges_with: '.k5login' },
      { SSH: [{ ...ssh, elevate_privileges_with: '.k5login', escalation_account: 'root' }] },
    ],
    [
      "Cisco 'enable'",
      'run_authenticated_scan',
      { ...privileged, ...login, elevate_privileges_with: "Cisco 'enable'", escalation_password: 'p' },
      { SSH: [{ ...ssh, elevate_privileges_with: "Cisco 'enable'", escalation_password: MASKED }] },
    ],
    [
      'a public key',
      'run_trusted_scan',
      { username: 'audit', auth_method: 'public key', private_key: KEY, passphrase: 'p' },
      { SSH: [{ auth_method: 'public key', username: 'audit', private_key: MASKED, private_key_passphrase: MASKED }] },
    ],
    [
      'a certificate',
      'run_trusted_scan',
      { username: 'audit', auth_method: 'certificate', private_key: KEY, certificate: 'ssh-rsa-cert' },
      { SSH: [{ auth_method: 'certificate', user_cert: MASKED, private_key: MASKED }] },
    ],
    [
      'Kerberos',
      'run_trusted_scan',
      { ...login, auth_method: 'Kerberos', kdc: 'kdc.example.org', realm: 'EXAMPLE', kdc_port: 89 },
      { SSH: [{ ...ssh, auth_method: 'Kerberos', kdc: 'kdc.example.org', realm: 'EXAMPLE', kdc_port: '89' }] },
    ],
    [
      'Windows',
      'run_authenticated_scan',
      { ...privileged, ...login, auth_method: 'windows password', domain: 'CORP' },
      { Windows: [{ auth_method: 'Password', username: 'audit', password: MASKED, domain: 'CORP' }] },
    ],
    [
      'a configured one',
      'run_authenticated_scan',
      { ...privileged, credential: 'linux-prod' },
      { SSH: [{ username: 'deploy', password: MASKED, elevate_privileges_with: 'sudo', escalation_password: MASKED }] },
    ],
    [
      'a configured one for Windows',
      'run_authenticated_scan',
      { ...plain, credential: 'windows-prod' },
      { Windows: [{ username: 'admin', password: MASKED, domain: 'CORP' }] },
    ],
  ])('%s', async (_what, tool, credentials, expected) => {
    expect(await atScanner(await startWith(tool, credentials))).toMatchObject(expected)
  })

  test.each(['su+sudo', 'dzdo', 'pbrun', "Checkpoint Gaia 'expert'"])(
    'escalation by %s, with the password',
    async (method) => {
      const given = { ...login, escalation_method: method, escalation_password: 'p' }
      const { SSH } = await atScanner(await startWith('run_privileged_scan', given))
      expect(SSH?.[0]).toMatchObject({ elevate_privileges_with: method, escalation_password: MASKED })
    },
  )
})

test('get_scan_settings shows what was given, secrets masked', async () => {
  const taskId = await startWith('run_privileged_scan', {
    ...login,
    escalation_method: 'sudo',
    escalation_password: 'p',
  })
  const { settings } = await house.result('get_scan_settings', { task_id: taskId })
  expect(settings).toMatchObject({
    credentials: {
      username: 'audit',
      password: HIDDEN,
      auth_method: 'password',
      elevate_privileges_with: 'sudo',
      escalation_password: HIDDEN,
    },
  })
  const named = await startWith('run_authenticated_scan', { ...plain, credential: 'linux-prod' })
  const { settings: other } = await house.result('get_scan_settings', { task_id: named })
  expect(other).toMatchObject({ credentials: { credential: 'linux-prod' } })
})

test('a login that does not work completes, and says that it saw little and what to do', async () => {
  const status = await house.ended(await startWith('run_trusted_scan', { username: 'audit', password: 'wrong' }))
  expect(status).toMatchObject({ status: 'completed', authentication_status: 'failed' })
  expect(status['validation_warnings']).not.toEqual([])
  expect(status['troubleshooting']).toMatchObject({ likely_cause: expect.any(String) as string })
})

describe('a form that cannot work is refused before anything is done', () => {
  test.each([
    ['no username', 'run_trusted_scan', { password: 'p' }, 'username', /username: expected.*required.*got none/],
    ['no password', 'run_trusted_scan', { username: 'u' }, 'password', /password: expected.*linux-prod, windows-prod/],
    [
      'no key',
      'run_trusted_scan',
      { username: 'u', auth_method: 'public key' },
      'private_key',
      /private_key: expected/,
    ],
    ['no realm', 'run_trusted_scan', { ...login, auth_method: 'Kerberos', kdc: 'k' }, 'realm', /realm: expected/],
    [
      'another method',
      'run_trusted_scan',
      { ...login, auth_method: 'Password' },
      'auth_method',
      /auth_method: .*"password".*"Password"/,
    ],
    [
      'another escalation',
      'run_privileged_scan',
      { ...login, escalation_method: 'doas' },
      'escalation_method',
      /escalation_method: .*"sudo".*"doas"/,
    ],
    ['no escalation method', 'run_privileged_scan', login, 'escalation_method', /escalation_method: /],
    ['no scan type', 'run_authenticated_scan', login, 'scan_type', /scan_type: /],
    [
      'privileged without escalation',
      'run_authenticated_scan',
      { ...privileged, ...login },
      'elevate_privileges_with',
      /elevate_privileges_with: expected a way.*got none/,
    ],
    [
      'an unknown credential',
      'run_authenticated_scan',
      { ...plain, credential: 'linux-prd' },
      'credential',
      /no credential "linux-prd".*linux-prod/,
    ],
    [
      'a configured one and a password',
      'run_authenticated_scan',
      { ...plain, credential: 'linux-prod', password: 'p' },
      'password',
      /not both/,
    ],
    [
      'a configured one and a passphrase',
      'run_authenticated_scan',
      { ...plain, credential: 'linux-prod', passphrase: 'p' },
      'passphrase',
      /not both/,
    ],
    [
      'two passwords',
      'run_authenticated_scan',
      { ...plain, ...login, ssh_password: 'p' },
      'ssh_password',
      /password and ssh_password are the same thing/,
    ],
    [
      'two user names',
      'run_authenticated_scan',
      { ...plain, ...login, ssh_username: 'u' },
      'ssh_username',
      /username and ssh_username are the same thing/,
    ],
  ])('%s', async (_what, tool, credentials, argument, message) => {
    const refused = await house.refusal(tool, { targets: '192.0.2.1', name: 'n', ...credentials })
    expect(refused).toMatchObject({ http: 400, arguments: [argument] })
    expect(refused.message).toMatch(message)
  })

  test('and what was sealed for it is erased with the refusal', async () => {
    const { keyspace, connection, keys } = house.bus
    const sealed = () => connection.call((client) => client.keys(`${keys.prefix}:vault:*`))
    expect(keyspace).toBeDefined()
    const before = await sealed()
    await house.refusal('run_trusted_scan', { targets: 'no/target', name: 'n', ...login })
    await house.refusal('run_privileged_scan', { targets: '192.0.2.1', name: 'n', ...login })
    expect(await sealed()).toEqual(before)
  })
})
