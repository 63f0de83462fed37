/** Several configured credentials of one scan: each held to its own rules, sent in their order, shown to nobody who may not know them. */
import { expect, test } from 'vitest'
import type { NamedCredential } from '../../../lib/scanners/entry.ts'
import { recordedScanner } from '../../../lib/scanners/recorded-scanner.ts'
import type { Scanner } from '../../../lib/scanners/scanner.ts'
import { startClient } from '../../scanners/support/client.ts'
import { FakeScanner } from '../../support/fake-scanner.ts'
import { refusalOf, resultOf } from '../../support/tool-replies.ts'
import { makeWorld } from '../../support/world.ts'

const credential = (name: string, more: Partial<NamedCredential> = {}): NamedCredential => ({
  name,
  credentials: { username: name, password: `canary of ${name}`, authMethod: 'password' },
  allowedTargets: ['192.0.2.0/24'],
  ...more,
})
const windows = credential('win', {
  credentials: { username: 'win', password: 'canary of win', authMethod: 'windows password' },
})
const ask = { targets: '192.0.2.10', scan_type: 'authenticated', credential: 'new' }
const worldWith = (...credentials: NamedCredential[]) => {
  const world = makeWorld()
  world.scanners.credentials.push(credential('new'), ...credentials)
  return world
}

test('each reaches the scanner client in its order, none twice, and is named in the settings', async () => {
  const world = worldWith(credential('old'), windows)
  const more = ['old', 'win', 'old', 'new']
  const called = resultOf(await world.call('run_authenticated_scan', { ...ask, more_credentials: more }))
  const taskId = String(called['task_id'])
  await world.pass(120_000)
  const asked = world.scanner().marked(taskId)[0]?.asked
  expect(
    [asked?.credentials, ...(asked?.moreCredentials ?? [])].map((each) => each && 'username' in each && each.username),
  ).toEqual(['new', 'old', 'win'])
  expect(resultOf(await world.call('get_scan_settings', { task_id: taskId }))).toMatchObject({
    settings: { credentials: { credential: 'new', more_credentials: ['old', 'win'] } },
  })
  expect(JSON.stringify(await world.scan(taskId))).not.toContain('canary')
})

test.each([
  ['one that is not there', { more_credentials: ['odl'] }, /more_credentials: .*"odl".*old/],
  ['one that is not for these targets', { more_credentials: ['old', 'far'] }, /"far"/],
  [
    'one that is for other callers',
    { more_credentials: ['others'] },
    /more_credentials: there is no credential "others"/,
  ],
  ['one that may not be given to any scanner of the pool', { more_credentials: ['elsewhere'] }, /may not be given/],
  [
    'some without a first one',
    { credential: undefined, username: 'u', password: 'p', more_credentials: ['old'] },
    /come after credential/,
  ],
])('%s is refused, and nothing is queued', async (_what, args, message) => {
  const world = worldWith(
    credential('old'),
    credential('far', { allowedTargets: ['10.0.0.0/8'] }),
    credential('others', { callers: ['bob'] }),
    credential('elsewhere', { scanners: ['dmz'] }),
  )
  const given = Object.fromEntries(Object.entries({ ...ask, ...args }).filter(([, value]) => value !== undefined))
  expect(refusalOf(await world.call('run_authenticated_scan', given)).message).toMatch(message)
  expect((await world.services.scans.list({ limit: 5 })).total).toBe(0)
})

test('one whose entry changed while the scan waited is not given away', async () => {
  const world = worldWith(credential('old'))
  const called = resultOf(await world.call('run_authenticated_scan', { ...ask, more_credentials: ['old'] }))
  world.scanners.credentials.splice(1, 1, credential('old', { allowedTargets: ['10.0.0.0/8'] }))
  await world.pass(60_000)
  expect(await world.scan(String(called['task_id']))).toMatchObject({ status: 'failed' })
  expect(world.scanner().calls).not.toContain('create')
})

test("one by the scanner's own form reaches the client whole, and nobody else", async () => {
  const vcenter = { kind: 'vcenter', fields: { host: 'canary-host', username: 'canary-user', password: 'canary-pass' } }
  const world = worldWith(credential('vc', { credentials: vcenter }))
  const args = { ...ask, more_credentials: ['vc'] }
  const taskId = String(resultOf(await world.call('run_authenticated_scan', args))['task_id'])
  await world.pass(120_000)
  expect(world.scanner().marked(taskId)[0]?.asked.moreCredentials).toEqual([vcenter])
  const shown = [await world.scan(taskId), await world.call('get_scan_settings', { task_id: taskId })]
  expect(JSON.stringify(shown)).not.toContain('canary')
})

const SCAN = { name: 'n', description: '', marker: 'm', targets: '192.0.2.1', template: 'basic' }
const LOGINS = {
  credentials: credential('new').credentials,
  moreCredentials: [windows.credentials, credential('old').credentials],
}
const BY_FORM = { kind: 'mysql', fields: { username: 'canary', password: 'canary' } }

test('the scanner gets them by kind, in their order', async () => {
  const { client, scanner } = await startClient({
    'GET /editor/scan/templates': { json: { templates: [{ uuid: 'u', name: 'basic' }] } },
    'GET /scans': { json: { folders: [], scans: null } },
    'POST /scans': { json: { scan: { id: 7 } } },
  })
  await client.create({ ...SCAN, ...LOGINS })
  const body = JSON.parse(scanner.seen.at(-1)?.body ?? '{}') as { credentials: object }
  expect(body.credentials).toMatchObject({
    add: { Host: { SSH: [{ username: 'new' }, { username: 'old' }], Windows: [{ username: 'win' }] } },
  })
})

test('the log of a scan in debug mode names how each logs in, and no more', async () => {
  const lines: string[] = []
  const fake = new FakeScanner({ now: () => 0 })
  const scanner = recordedScanner(
    methodsOf(fake),
    async (line) => void lines.push(line),
    () => new Date(0),
  )
  await scanner.create({ ...SCAN, ...LOGINS, moreCredentials: [...LOGINS.moreCredentials, BY_FORM] })
  expect(lines.join()).toContain('password, windows password, password, mysql (not shown)')
  expect(lines.join()).not.toContain('canary')
})

/** As the client has them: functions of its own. */
function methodsOf(fake: FakeScanner): Scanner {
  return { create: fake.create.bind(fake) } as unknown as Scanner
}
