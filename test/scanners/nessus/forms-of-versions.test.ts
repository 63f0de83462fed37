/**
 * What goes to Nessus 6, 8 and 10 for each way to log in, as the simulator got it, and what the simulator's own forms have:
 * both held against the tables of the fact sheet, which neither was made from.
 */
import { existsSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import type { Profile } from '../../../infra/simulator/options.ts'
import { startSimulator, type Simulator } from '../../../infra/simulator/simulator.ts'
import { CallerMistake } from '../../../lib/base/errors.ts'
import { ESCALATIONS, type ScanCredentials } from '../../../lib/facts/credential-fields.ts'
import { makeNessusScanner } from '../../../lib/scanners/nessus/nessus-scanner.ts'
import { errorOf } from '../support/client.ts'
import { entryOf } from '../support/entry.ts'

const SHEET = '../shared/facts/nessus-api.md'
const VERSIONS = [6, 8, 10] as const satisfies readonly Profile[]
const SCAN = { name: 'n', description: '', marker: 'm', targets: '192.0.2.1', template: 'basic' }
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

async function start(profile: Profile) {
  const simulator = await startSimulator({ profile, quirks: { rejectUnknownCredentialFields: true } })
  const { url, accessKey, secretKey } = simulator
  const client = makeNessusScanner({ entry: entryOf({ url, accessKey, secretKey }), now: Date.now })
  open.push(simulator, client)
  return { simulator, client }
}

interface FormInput {
  readonly id: string
  readonly options?: readonly { readonly name: string; readonly inputs: readonly FormInput[] }[]
}
interface FormType {
  readonly name: string
  readonly inputs: readonly FormInput[]
  readonly settings: readonly FormInput[]
  readonly instances: readonly Readonly<Record<string, string>>[]
}

async function typeOf(simulator: Simulator, path: string, name: string): Promise<FormType> {
  const keys = { 'x-apikeys': `accessKey=${simulator.accessKey}; secretKey=${simulator.secretKey}` }
  const answer = await (await fetch(`${simulator.url}/editor/scan/${path}`, { headers: keys })).json()
  const { data } = (answer as { credentials: { data: readonly { readonly types: readonly FormType[] }[] } }).credentials
  return data.flatMap(({ types }) => types).find((type) => type.name === name)!
}

/** What the sheet says: the fields of each way to log in, and of each way to become root. */
interface Sheet {
  readonly methods: ReadonlyMap<string, { readonly always: readonly string[]; readonly newer: readonly string[] }>
  readonly escalations: ReadonlyMap<string, readonly string[]>
}

function readSheet(): Sheet {
  const text = readFileSync(SHEET, 'utf8')
  const part = text.slice(text.indexOf('### 5.1'), text.indexOf('## 6. '))
  const rows = part.split('\n').flatMap((line) => {
    const [, name = '', what = ''] = line.split('|').map((cell) => cell.trim())
    return line.startsWith('|') && !/^(?:-+|Method|Value)$/.test(name) ? [{ name, what }] : []
  })
  const ids = (words: string) => [...words.matchAll(/`([a-z_]+)(?::[^`]*)?`/g)].map(([, id]) => id!)
  const methods = rows.flatMap(({ what }) => {
    const method = /`auth_method:"([^"]+)"`/.exec(what)?.[1]
    const [always, newer = ''] = what.split('(newer')
    return method === undefined ? [] : [[method, { always: ids(always!), newer: ids(newer) }] as const]
  })
  const own = rows.filter(({ what }) => !what.includes('auth_method'))
  const sudo = ids(own.find(({ name }) => name === 'sudo')!.what)
  const escalations = own.flatMap(({ name, what }) =>
    name.split(', ').map((word) => [word, /same three|as sudo/.test(what) ? sudo : ids(what)] as const),
  )
  return { methods: new Map(methods), escalations: new Map(escalations) }
}

const sheet: Sheet = existsSync(SHEET) ? readSheet() : { methods: new Map(), escalations: new Map() }
const base = { username: 'audit', password: 'canary', passphrase: 'canary', kdc: 'kdc.example', realm: 'R' }
const GAIA = "Checkpoint Gaia 'expert'"
const becoming = (word: string) => ({ elevateWith: word, escalationAccount: 'op', escalationPassword: 'canary' })
const SSH = ['password', 'public key', 'certificate', 'Kerberos'] as const
const loginBy = (authMethod: ScanCredentials['authMethod'], more: object = {}): ScanCredentials => ({
  ...base,
  authMethod,
  ...(/key|certificate/.test(authMethod) && { privateKey: 'KEY', certificate: 'CERT' }),
  ...more,
})

describe.skipIf(!existsSync(SHEET)).each(VERSIONS)('Nessus %s', (profile) => {
  test('has the fact sheet to be held against', () => {
    expect(new Set(sheet.methods.keys())).toEqual(new Set(SSH))
    expect(sheet.escalations.size).toBeGreaterThanOrEqual(8)
  })

  test('gets exactly the fields of each way to log in by SSH', async () => {
    const { simulator, client } = await start(profile)
    for (const method of SSH) {
      const { id } = await client.create({ ...SCAN, credentials: loginBy(method) })
      const [sent] = (await typeOf(simulator, String(id), 'SSH')).instances
      const always = sheet.methods.get(method)?.always ?? []
      const wanted = new Set([...always, 'elevate_privileges_with'])
      expect(new Set(Object.keys(sent ?? {})), `for ${method}`).toEqual(wanted)
      expect(sent).toMatchObject({ auth_method: method, username: 'audit', elevate_privileges_with: 'Nothing' })
    }
  })

  test('gets the companions of each way to become root', async () => {
    const { simulator, client } = await start(profile)
    for (const word of ESCALATIONS.filter((each) => profile === 10 || each !== GAIA)) {
      const { id } = await client.create({ ...SCAN, credentials: loginBy('password', becoming(word)) })
      const [sent] = (await typeOf(simulator, String(id), 'SSH')).instances
      expect(sent, `for ${word}`).toMatchObject({ elevate_privileges_with: word })
      // The sheet gives no companions of the newest one.
      const companions = sheet.escalations.get(word) ?? ['escalation_password']
      const wanted = companions.filter((field) => field !== 'bin_directory')
      expect(Object.keys(sent ?? {}), `for ${word}`).toEqual(expect.arrayContaining(wanted))
      expect('su_login' in (sent ?? {}), `for ${word}`).toBe(word === 'su+sudo')
    }
  })

  test('gets Windows logins with a capital, and no field that SSH has', async () => {
    const { simulator, client } = await start(profile)
    const words = {
      'windows password': 'Password',
      'windows hash': 'NTLM Hash',
      'windows kerberos': 'Kerberos',
    } as const
    for (const [method, word] of Object.entries(words)) {
      const { id } = await client.create({
        ...SCAN,
        credentials: loginBy(method as keyof typeof words, { domain: 'D' }),
      })
      const [sent] = (await typeOf(simulator, String(id), 'Windows')).instances
      expect(sent).toMatchObject({ auth_method: word, username: 'audit', domain: 'D' })
      expect(Object.keys(sent ?? {})).not.toContain('elevate_privileges_with')
    }
  })

  test('shows a form with the fields of the sheet, the newer ones where they are new', async () => {
    const { simulator } = await start(profile)
    const type = await typeOf(simulator, 'templates/731a8e52-3ea6-a291-ec0a-d2ff0619c19d7bd788d6be818b65', 'SSH')
    const [how] = type.inputs
    for (const [method, { always, newer }] of sheet.methods) {
      const ids = how?.options?.find(({ name }) => name === method)?.inputs.map(({ id }) => id) ?? []
      expect(ids, `for ${method}`).toEqual(expect.arrayContaining(always.filter((id) => id !== 'auth_method')))
      for (const id of newer) expect(ids.includes(id), `${id} on ${profile}`).toBe(profile === 10)
    }
    const settings = type.settings.map(({ id }) => id)
    expect(settings).toEqual(expect.arrayContaining(['ssh_port', 'ssh_known_hosts', 'ssh_client_banner']))
    expect(settings.includes('attempt_least_privilege')).toBe(profile !== 6)
  })
})

test.each([6, 8] as const)(
  'Nessus %s, which has fewer ways to become root, is not asked for a newer one',
  async (profile) => {
    const { client } = await start(profile)
    const error = await errorOf(client.create({ ...SCAN, credentials: loginBy('password', becoming(GAIA)) }))
    expect(error).toBeInstanceOf(CallerMistake)
    expect(error.message).toMatch(/elevate_privileges_with: this scanner has no .*; it has Nothing, .*sudo/)
  },
)
