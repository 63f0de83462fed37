import { describe, expect, test } from 'vitest'
import { PermanentError } from '../../../lib/base/errors.ts'
import type { ScanCredentials } from '../../../lib/facts/credential-fields.ts'
import { errorOf, startClient } from '../support/client.ts'
import type { ScriptedScanner, Script } from '../support/scripted-scanner.ts'

const MARKER = 'ns_one_20260101_000000_0123abcd'
const TEMPLATES = {
  json: {
    templates: [
      { uuid: 'u-basic', name: 'basic', title: 'Basic Network Scan', desc: 'd', is_agent: null },
      { uuid: 'u-old', name: 'malware', title: 'M', desc: '', unsupported: true },
      { uuid: 'u-paid', name: 'webapp', title: 'W', desc: '', license_fulfilled: false },
    ],
  },
}
const FOLDERS = [
  { id: 2, name: 'Trash', type: 'trash' },
  { id: 3, name: 'My Scans', type: 'main' },
]
const CREATE: Script = {
  'GET /editor/scan/templates': TEMPLATES,
  'GET /scans': { json: { folders: FOLDERS, scans: null } },
  'POST /scans': { json: { scan: { id: 7, tag_id: 3, uuid: 'template-x' } } },
}
const SCAN = {
  name: 'Office',
  description: 'weekly',
  marker: MARKER,
  targets: '10.0.0.1,10.0.0.2',
  template: 'basic',
}
const createdBody = (scanner: ScriptedScanner) =>
  JSON.parse(scanner.seen.find(({ method, path }) => method === 'POST' && path === '/scans')?.body ?? '{}') as {
    settings: Record<string, unknown>
    credentials?: { add: { Host: Record<string, Record<string, string>[]> } }
  }

describe('create', () => {
  test('makes a scan in My Scans that does not launch by itself and bears its marker twice', async () => {
    const { client, scanner } = await startClient(CREATE)
    expect(await client.create(SCAN)).toEqual({ id: 7, standIn: 'template-x' })
    expect(createdBody(scanner)).toEqual({
      uuid: 'u-basic',
      settings: {
        name: `Office [${MARKER}]`,
        description: `weekly\n${MARKER}`,
        text_targets: '10.0.0.1,10.0.0.2',
        enabled: true,
        launch: 'ON_DEMAND',
        launch_now: false,
        scanner_id: 1,
        folder_id: 3,
      },
    })
  })

  test('is never repeated after a dropped connection', async () => {
    const { client, scanner } = await startClient({ ...CREATE, 'POST /scans': { drop: 'before' } })
    const error = await errorOf(client.create(SCAN))
    expect(error.message).toMatch(/look before asking again/)
    expect(scanner.count('POST /scans')).toBe(1)
  })

  test('takes the folder from the list in which the marker was looked for, and looks for each marker anew', async () => {
    const { client, scanner } = await startClient(CREATE)
    expect(await client.findMarked(SCAN)).toEqual([])
    await client.create(SCAN)
    expect(createdBody(scanner).settings).toMatchObject({ folder_id: 3 })
    expect(scanner.count('GET /scans')).toBe(1)
    scanner.script['GET /scans'] = { json: { folders: FOLDERS, scans: [{ id: 7, name: `Office [${MARKER}]` }] } }
    expect(await client.findMarked(SCAN)).toEqual([7])
    expect(scanner.count('GET /scans')).toBe(2)
  })

  test('asks for the folder where no list was read, and again after a failure', async () => {
    const { client, scanner } = await startClient(CREATE)
    await client.create(SCAN)
    expect(scanner.count('GET /scans')).toBe(1)
    scanner.script['POST /scans'] = { status: 404, json: { error: 'folder' } }
    await errorOf(client.create(SCAN))
    expect(scanner.count('GET /scans')).toBe(1)
    await errorOf(client.create(SCAN))
    expect(scanner.count('GET /scans')).toBe(2)
  })

  test('asks for templates once, and again after a failure', async () => {
    const { client, scanner } = await startClient(CREATE)
    await client.create(SCAN)
    await client.create(SCAN)
    expect(scanner.count('GET /editor/scan/templates')).toBe(1)
    scanner.script['POST /scans'] = { status: 404, json: { error: 'template' } }
    await errorOf(client.create(SCAN))
    await errorOf(client.create(SCAN))
    expect(scanner.count('GET /editor/scan/templates')).toBe(2)
  })

  test('refuses a template the scanner cannot run, and names near ones', async () => {
    const { client, scanner } = await startClient(CREATE)
    const error = await errorOf(client.create({ ...SCAN, template: 'basik' }))
    expect(error).toBeInstanceOf(PermanentError)
    expect(error.message).toMatch(/got "basik"; did you mean basic\?/)
    expect((await errorOf(client.create({ ...SCAN, template: 'webapp' }))).message).toMatch(/it has basic$/)
    expect(scanner.count('POST /scans')).toBe(0)
    expect((await client.templates()).map(({ name }) => name)).toEqual(['basic'])
  })
})

describe('findMarked', () => {
  const named = (id: number, name: string, folder_id = 3) => ({ id, name, folder_id, status: 'empty', uuid: null })
  const find = async (...scans: object[]) => {
    const { client } = await startClient({ 'GET /scans': { json: { folders: FOLDERS, scans } } })
    return client.findMarked(SCAN)
  }

  test('finds the scan that bears the very name, the lowest id first', async () => {
    expect(await find(named(9, `Office [${MARKER}]`), named(8, `Office [${MARKER}]`))).toEqual([8, 9])
  })

  test('knows the name however the scanner writes spaces and escapes', async () => {
    const { client } = await startClient({
      'GET /scans': { json: { folders: FOLDERS, scans: [named(8, `R&amp;D  &lt;x&gt; [${MARKER}]`)] } },
    })
    expect(await client.findMarked({ name: 'R&D <x>', marker: MARKER })).toEqual([8])
  })

  test.each([
    ['a bare human name', named(1, 'Office')],
    ['the marker without its brackets', named(1, `Office ${MARKER}`)],
    ['another marker', named(1, `Office [${MARKER.replace('0123', '9999')}]`)],
    ['a copy, whose name ends with the marker', named(1, `Copy of Office [${MARKER}]`)],
    ['a scan in the trash', named(1, `Office [${MARKER}]`, 2)],
  ])('does not adopt %s', async (_, scan) => {
    expect(await find(scan)).toEqual([])
  })

  test('finds nothing in an empty list, which the scanner writes as null', async () => {
    const { client } = await startClient({ 'GET /scans': { json: { folders: null, scans: null } } })
    expect(await client.findMarked(SCAN)).toEqual([])
  })
})

describe('credentials', () => {
  const create = async (credentials: ScanCredentials, more: Script = {}) => {
    const upload: Script = { 'POST /file/upload': { json: { fileuploaded: 'renamed-6.pem' } } }
    const { client, scanner } = await startClient({ ...CREATE, ...upload, ...more })
    await client.create({ ...SCAN, credentials })
    return { scanner, host: createdBody(scanner).credentials?.add.Host }
  }
  const base = { username: 'audit', password: 'canary' }

  test.each<[string, ScanCredentials, object]>([
    [
      'a password',
      { ...base, authMethod: 'password' },
      { auth_method: 'password', password: 'canary', elevate_privileges_with: 'Nothing' },
    ],
    [
      'sudo, with root unless told otherwise',
      { ...base, authMethod: 'password', elevateWith: 'SUDO', escalationPassword: 'c2' },
      { elevate_privileges_with: 'sudo', escalation_account: 'root', escalation_password: 'c2' },
    ],
    [
      'Cisco enable, in the exact words',
      { ...base, authMethod: 'password', elevateWith: 'cisco enable', escalationPassword: 'c2' },
      { elevate_privileges_with: "Cisco 'enable'", escalation_password: 'c2' },
    ],
    [
      'Kerberos',
      { ...base, authMethod: 'Kerberos', realm: 'R', kdc: 'k' },
      { auth_method: 'Kerberos', realm: 'R', kdc: 'k', kdc_port: '88', kdc_transport: 'tcp' },
    ],
  ])('are sent for %s', async (_, credentials, expected) => {
    const { host } = await create(credentials)
    expect(host?.['SSH']?.[0]).toMatchObject({ username: 'audit', ...expected })
  })

  test('for sudo without a password send none, since an empty one would be tried', async () => {
    const { host } = await create({ ...base, authMethod: 'password', elevateWith: 'sudo' })
    expect(host?.['SSH']?.[0]).not.toHaveProperty('escalation_password')
  })

  test('for Windows say Password with a capital', async () => {
    const { host } = await create({ ...base, authMethod: 'windows password', domain: 'D' })
    expect(host).toEqual({
      Windows: [{ auth_method: 'Password', username: 'audit', password: 'canary', domain: 'D' }],
    })
  })

  test('with a key upload it and use the name the scanner gave it', async () => {
    const key = '-----BEGIN KEY-----\ncanary-key\n'
    const { host, scanner } = await create({ username: 'audit', authMethod: 'public key', privateKey: key })
    expect(host?.['SSH']?.[0]).toMatchObject({ private_key: 'renamed-6.pem', private_key_passphrase: '' })
    const upload = scanner.seen.find(({ path }) => path === '/file/upload')
    expect(upload?.body).toMatch(/name="Filedata"; filename="private-key\.pem"/)
    expect(upload?.body).toContain(`\r\n\r\n${key}\r\n--`)
    expect(JSON.stringify(createdBody(scanner))).not.toContain('canary-key')
  })

  test('read the ids of rare fields from the template', async () => {
    const editor = {
      credentials: {
        data: [
          {
            name: 'Host',
            types: [
              {
                name: 'SSH',
                inputs: [
                  {
                    id: 'auth_method',
                    options: [
                      {
                        name: 'password',
                        inputs: [
                          {
                            id: 'elevate_privileges_with',
                            options: [
                              { name: 'su', inputs: [{ id: 'escalation_account' }, { id: 'escalation_password' }] },
                              {
                                name: 'su+sudo',
                                inputs: [{ id: 'su_login_x' }, { id: 'escalation_account' }, { id: 'sudo_password_x' }],
                              },
                            ],
                          },
                        ],
                      },
                    ],
                  },
                ],
              },
            ],
          },
        ],
      },
    }
    const { host } = await create(
      { ...base, authMethod: 'password', elevateWith: 'su+sudo', escalationAccount: 'op', escalationPassword: 'c2' },
      { 'GET /editor/scan/templates/u-basic': { json: editor } },
    )
    expect(host?.['SSH']?.[0]).toMatchObject({
      elevate_privileges_with: 'su+sudo',
      su_login_x: 'op',
      escalation_account: 'op',
      sudo_password_x: 'c2',
    })
  })

  test.each<[ScanCredentials, RegExp]>([
    [{ username: 'a', authMethod: 'password' }, /password: expected a value/],
    [{ username: 'a', authMethod: 'public key' }, /private_key: expected a value/],
    [{ username: 'a', authMethod: 'certificate', privateKey: 'k' }, /certificate: expected a value/],
    [{ ...base, authMethod: 'password', elevateWith: 'doas' }, /expected one of Nothing, sudo, .*got "doas"/],
    [{ ...base, authMethod: 'password', elevateWith: 'constructor' }, /expected one of/],
    [{ ...base, authMethod: 'windows password', elevateWith: 'sudo' }, /expected none with a windows password/],
    [
      { ...base, authMethod: 'password', elevateWith: 'sudo', escalationAccount: '0x;' },
      /escalation_account: expected/,
    ],
  ])('that make no sense are refused before anything is created: %#', async (credentials, message) => {
    const { client, scanner } = await startClient(CREATE)
    const error = await errorOf(client.create({ ...SCAN, credentials }))
    expect(error).toBeInstanceOf(PermanentError)
    expect(error.message).toMatch(message)
    expect(scanner.count('POST /scans')).toBe(0)
  })

  test('are not repeated in an error, even if the scanner does', async () => {
    const { client } = await startClient({ ...CREATE, 'POST /scans': { status: 400, json: { error: 'bad canary!' } } })
    const { message } = await errorOf(
      client.create({ ...SCAN, credentials: { ...base, authMethod: 'password', elevateWith: 'sudo' } }),
    )
    expect(message).toMatch(/cannot create a scan \(400: "bad \*\*\*!"\)/)
  })
})
