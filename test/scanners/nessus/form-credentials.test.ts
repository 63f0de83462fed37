/** Credentials by the scanner's own form, as the simulator of each version got them: mapped to what that version calls them, or refused with what it has. */
import { afterEach, describe, expect, test } from 'vitest'
import type { Profile, SimulatorOptions } from '../../../infra/simulator/options.ts'
import { startSimulator } from '../../../infra/simulator/simulator.ts'
import { CallerMistake } from '../../../lib/base/errors.ts'
import type { ScanCredentials } from '../../../lib/facts/credential-fields.ts'
import { CREDENTIAL_KINDS, type FormCredentials } from '../../../lib/facts/credential-kinds.ts'
import { formLogin } from '../../../lib/scanners/nessus/form-credentials.ts'
import { makeNessusScanner } from '../../../lib/scanners/nessus/nessus-scanner.ts'
import { errorOf, startClient } from '../support/client.ts'
import { entryOf } from '../support/entry.ts'

const VERSIONS = [6, 8, 10] as const satisfies readonly Profile[]
const SCAN = { name: 'n', description: '', marker: 'm', targets: '192.0.2.1', template: 'basic' }
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

interface Type {
  readonly name: string
  readonly settings: readonly { readonly id: string; readonly default?: string }[]
  readonly instances: readonly Readonly<Record<string, string>>[]
}

async function start(profile: Profile, options: SimulatorOptions = {}) {
  const simulator = await startSimulator({ profile, quirks: { rejectUnknownCredentialFields: true }, ...options })
  const { url, accessKey, secretKey } = simulator
  const client = makeNessusScanner({ entry: entryOf({ url, accessKey, secretKey }), now: Date.now })
  open.push(simulator, client)
  const typesOf = async (id: number) => {
    const keys = { 'x-apikeys': `accessKey=${accessKey}; secretKey=${secretKey}` }
    const answer = await (await fetch(`${url}/editor/scan/${id}`, { headers: keys })).json()
    return (answer as { credentials: { data: { types: Type[] }[] } }).credentials.data.flatMap(({ types }) => types)
  }
  const instancesOf = async (id: number) =>
    (await typesOf(id)).flatMap(({ name, instances }) => instances.map((fields) => ({ type: name, ...fields })))
  return { client, typesOf, instancesOf }
}

const LOGIN = { username: 'audit', password: 'canary-pass' }
/** As an operator writes them; the same for every version. */
const WRITTEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  snmpv3: { username: 'audit', security_level: 'authentication without privacy', auth_password: 'canary-pass' },
  vcenter: { host: 'vc.example', verify_ssl: 'no', ...LOGIN },
  esx: LOGIN,
  oracle: { sid: 'ORCL', auth_type: 'normal', port: '1522', ...LOGIN },
  'sql server': { instance: 'SQL1', ...LOGIN },
  db2: { database: 'SALES', ...LOGIN },
  mysql: LOGIN,
  postgresql: { ...LOGIN, port: '5433' },
  mongodb: { ...LOGIN, database: 'admin' },
}

describe.each(VERSIONS)('Nessus %s', (profile) => {
  test('gets each kind of the table under its own names', async () => {
    const { client, instancesOf } = await start(profile)
    expect(Object.keys(WRITTEN)).toEqual(Object.keys(CREDENTIAL_KINDS))
    const each = Object.entries(WRITTEN).map(([kind, fields]) => ({ kind, fields }))
    const [credentials, ...moreCredentials] = each
    const { id } = await client.create({ ...SCAN, credentials: credentials!, moreCredentials })
    const sent = await instancesOf(id)
    expect(sent).toHaveLength(each.length)
    const together = profile === 10 ? {} : { type: 'Oracle' }
    expect(sent.find((one) => 'oracle_sid' in one)).toMatchObject({ oracle_auth_type: '********', ...together })
    expect(sent.find(({ type }) => type === 'VMware vCenter SOAP API')).toMatchObject({ host: 'vc.example' })
    const snmp = sent.find(({ type }) => type === 'SNMPv3') ?? {}
    expect(snmp).toMatchObject({ security_level: 'Authentication without privacy' })
    expect(Object.keys(snmp)).not.toContain('privacy_password')
  })

  test('gets what its form has beyond the table by its own names, with what belongs to all of a type', async () => {
    const { client, instancesOf, typesOf } = await start(profile)
    const fields = {
      'Authentication method': 'password',
      ...LOGIN,
      'elevate privileges with': 'SUDO',
      ssh_port: '2222',
    }
    const { id } = await client.create({
      ...SCAN,
      credentials: { kind: 'ssh', fields },
      moreCredentials: [{ kind: 'IBM iSeries', fields: LOGIN }],
    })
    expect(await instancesOf(id)).toMatchObject([
      { type: 'SSH', auth_method: 'password', elevate_privileges_with: 'sudo', username: 'audit' },
      { type: 'IBM iSeries', username: 'audit' },
    ])
    const ssh = (await typesOf(id)).find(({ name }) => name === 'SSH')
    expect(ssh?.settings.find((setting) => setting.id === 'ssh_port')).toMatchObject({ default: '2222' })
  })

  test('gets the port of SSH and what is switched on at Windows targets', async () => {
    const { client, typesOf } = await start(profile)
    const ssh: ScanCredentials = { ...LOGIN, authMethod: 'password', settings: { ssh_port: 2022 } }
    const windows: ScanCredentials = {
      ...LOGIN,
      authMethod: 'windows password',
      settings: { start_remote_registry: true, enable_admin_shares: false },
    }
    const { id } = await client.create({ ...SCAN, credentials: ssh, moreCredentials: [windows] })
    const set = (await typesOf(id)).flatMap(({ settings }) => settings).map((each) => [each.id, each.default])
    expect(Object.fromEntries(set)).toMatchObject({
      ssh_port: '2022',
      start_remote_registry: 'yes',
      enable_admin_shares: 'no',
    })
  })

  test.each<[string, FormCredentials, RegExp]>([
    ['a kind that it does not have', { kind: 'Telnet 9', fields: LOGIN }, /called "Telnet 9"; it has SSH, Windows, /],
    [
      'a field that it does not have',
      { kind: 'mysql', fields: { ...LOGIN, sid: 'x' } },
      /no "sid" .*it has .*username/,
    ],
    [
      'a field that does not count with what is chosen',
      { kind: 'snmpv3', fields: { ...WRITTEN['snmpv3'], privacy_password: 'canary-x' } },
      /no "privacy_password" .*with what is chosen; it has/,
    ],
    ['one that lacks what the form needs', { kind: 'oracle', fields: LOGIN }, /need oracle_sid/],
    ['a choice that is none', { kind: 'ssh', fields: { auth_method: 'canary-pass' } }, /expected one of certificate, /],
    ['words where a box is', { kind: 'esx', fields: { ...LOGIN, dont_verify_ssl: 'canary' } }, /one of yes, no/],
    ['a name of every object', { kind: 'constructor', fields: LOGIN }, /called "constructor"/],
  ])('is not asked for %s', async (_what, credentials, message) => {
    const { client } = await start(profile)
    const error = await errorOf(client.create({ ...SCAN, credentials }))
    expect(error).toBeInstanceOf(CallerMistake)
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain('canary')
  })
})

const FORM = {
  credentials: {
    data: [
      {
        name: 'Cloud',
        types: [
          {
            name: 'Some Service',
            inputs: [
              { id: 'key_file', type: 'file', required: true },
              { id: 'tenant', type: 'entry', required: true, default: '' },
            ],
          },
        ],
      },
    ],
  },
}

test('a file goes up only when all the rest is right', async () => {
  const uploaded: string[] = []
  const upload = async (_name: string, content: string) => `up-${uploaded.push(content)}`
  const credentials = { kind: 'some service', fields: { key_file: 'canary-key' } }
  await expect(formLogin(credentials, FORM, upload)).rejects.toThrow(/need tenant/)
  expect(uploaded).toEqual([])
  const whole = { ...credentials, fields: { ...credentials.fields, tenant: 't' } }
  expect(await formLogin(whole, FORM, upload)).toEqual({
    category: 'Cloud',
    type: 'Some Service',
    item: { key_file: 'up-1', tenant: 't' },
    settings: {},
  })
})

test.each([undefined, null, 'page', [], { credentials: { data: 5 } }, { credentials: { data: [{ types: [null] }] } }])(
  'a form that is none (%j) has no kind at all',
  async (form) => {
    const asked = formLogin({ kind: 'mysql', fields: LOGIN }, form, async () => '')
    await expect(asked).rejects.toThrow(/no credentials called "mysql"/)
  },
)

test('two ports for SSH in one scan are for the caller to choose from', async () => {
  const { client } = await start(10)
  const by = (ssh_port: number): ScanCredentials => ({ ...LOGIN, authMethod: 'password', settings: { ssh_port } })
  const error = await errorOf(client.create({ ...SCAN, credentials: by(22), moreCredentials: [by(2222)] }))
  expect(error).toBeInstanceOf(CallerMistake)
  expect(error.message).toMatch(/ssh_port: a scan has one/)
})

test('what the scanner says of them is for the caller, and repeats no field, whichever holds the secret', async () => {
  const { client } = await startClient({
    'GET /editor/scan/templates': { json: { templates: [{ uuid: 'u', name: 'basic' }] } },
    'GET /editor/scan/templates/u': { json: FORM },
    'GET /scans': { json: { folders: [], scans: null } },
    'POST /file/upload': { json: { fileuploaded: 'up' } },
    'POST /scans': { status: 400, json: { error: 'no tenant canary-tenant' } },
  })
  const fields = { key_file: 'k', tenant: 'canary-tenant' }
  const error = await errorOf(client.create({ ...SCAN, credentials: { kind: 'Some Service', fields } }))
  expect(error).toBeInstanceOf(CallerMistake)
  expect(error.message).toMatch(/no tenant \*\*\*/)
})
