/** A configured credential goes where its entry says, and nobody else hears its name. */
import { beforeEach, describe, expect, test } from 'vitest'
import { scannerEntry } from '../../support/fake-registry.ts'
import { makeWorld, type World } from '../../support/world.ts'
import type { NamedCredential } from '../../../lib/scanners/entry.ts'

const NAME = 'linux-prod'
const credential = (patch: Partial<NamedCredential> = {}): NamedCredential => ({
  name: NAME,
  credentials: { username: 'deploy', password: 'p', authMethod: 'password' },
  ...patch,
})

let world: World
beforeEach(() => {
  world = makeWorld({
    entries: [scannerEntry(), scannerEntry({ instanceId: 'two' }), scannerEntry({ pool: 'dmz', instanceId: 'one' })],
  })
})

const run = (targets: string, args: object = {}, caller?: string) =>
  world.call(
    'run_authenticated_scan',
    { name: 'n', scan_type: 'authenticated', credential: NAME, targets, ...args },
    caller === undefined ? {} : { caller },
  )
const started = { kind: 'result' }
const refused = (code: string, ...words: (string | RegExp)[]) => ({
  kind: 'refusal',
  code,
  message: expect.stringMatching(
    new RegExp(words.map((word) => (typeof word === 'string' ? word : word.source)).join('.*')),
  ) as string,
})

describe('allowed_targets', () => {
  const ALLOWED = ['10.0.0.0/24', '10.1.0.10-10.1.0.20', '2001:db8::/64', 'db.example.org', '*.linux.example.org']

  test.each([
    '10.0.0.5',
    '10.0.0.0/24',
    '10.0.0.0/25,10.0.0.200-210',
    '::ffff:10.0.0.5',
    '10.1.0.10-20',
    '2001:db8::5',
    '2001:db8::/120',
    'db.example.org',
    'DB.example.org.',
    'a.b.linux.example.org',
    '10.0.0.1, 2001:db8::1, db.example.org',
  ])('%s lies inside', async (targets) => {
    world.scanners.credentials.push(credential({ allowedTargets: ALLOWED }))
    expect(await run(targets)).toMatchObject(started)
  })

  test.each([
    ['10.0.1.5', '10.0.1.5'],
    ['10.0.0.0/23', '10.0.0.0/23'],
    ['10.0.0.250-10.0.1.1', '10.0.0.250-10.0.1.1'],
    ['10.1.0.9-20', '10.1.0.9-'],
    ['10.1.0.0/27', '10.1.0.0/27'],
    ['10.0.0.1,192.0.2.66', '192.0.2.66'],
    ['2001:db8:0:1::/120', '2001:db8:0:1::/120'],
    ['64:ff9b::10.0.0.5', '64:ff9b::'],
    ['::10.0.0.5', '::a00:5'],
    ['example.org', 'example.org'],
    ['linux.example.org', 'linux.example.org'],
    ['evil-db.example.org', 'evil-db'],
    ['db.example.org.evil.test', 'evil.test'],
    ['10.0.0.5.nip.io', 'nip.io'],
    ['web', 'web'],
  ])('%s does not', async (targets, named) => {
    world.scanners.credentials.push(credential({ allowedTargets: ALLOWED }))
    expect(await run(targets)).toMatchObject(refused('forbidden', 'allowed_targets', named.replaceAll('.', '\\.')))
    expect(world.waiting('admit')).toEqual([])
  })

  test('that are not stated, or empty, allow nothing, and harm no other credential', async () => {
    world.scanners.credentials.push(
      credential(),
      credential({ name: 'other', allowedTargets: ['10.0.0.0/8'] }),
      credential({ name: 'empty', allowedTargets: [] }),
    )
    expect(await run('10.0.0.5')).toMatchObject(refused('forbidden', 'states no allowed_targets'))
    expect(await run('10.0.0.5', { credential: 'empty' })).toMatchObject(refused('forbidden', 'allowed_targets'))
    expect(await run('10.0.0.5', { credential: 'other' })).toMatchObject(started)
  })

  test('a name is no address, and an address no name', async () => {
    world.scanners.credentials.push(
      credential({ allowedTargets: ['0.0.0.0/0', '::/0'] }),
      credential({ name: 'names', allowedTargets: ['*'] }),
    )
    expect(await run('web.example.org')).toMatchObject(refused('forbidden', 'web'))
    expect(await run('10.0.0.5', { credential: 'names' })).toMatchObject(refused('forbidden', /10\.0\.0\.5/))
    expect(await run('10.0.0.5')).toMatchObject(started)
    expect(await run('web.example.org', { credential: 'names' })).toMatchObject(started)
  })
})

describe('while the scan waits, the entry changes, and create asks again', () => {
  const LATER: [what: string, change: Partial<NamedCredential> | undefined, said: RegExp][] = [
    ['other targets', { allowedTargets: ['10.9.0.0/16'] }, /not wholly inside: 10\.0\.0\.5/],
    ['no targets', {}, /states no allowed_targets/],
    ['other scanners', { allowedTargets: ['10.0.0.0/8'], scanners: ['dmz'] }, /may not be given to scanner lab\//],
    ['other callers', { allowedTargets: ['10.0.0.0/8'], callers: ['bob'] }, /no such credential any more/],
    ['nothing at all', undefined, /no credential named .* any more/],
  ]

  test.each(LATER)('%s', async (_what, change, said) => {
    world.scanners.credentials.push(credential({ allowedTargets: ['10.0.0.0/8'] }))
    const answer = await run('10.0.0.5', { scanner_pool: 'lab' }, 'alice')
    expect(answer).toMatchObject(started)
    const { task_id: taskId } = (answer as unknown as { result: { task_id: string } }).result
    world.scanners.credentials.splice(0, 1, ...(change === undefined ? [] : [credential(change)]))
    await world.settleDown()
    const scan = await world.scan(taskId)
    expect(scan.status).toBe('failed')
    expect(scan.failure?.message).toMatch(said)
    expect(change !== undefined && scan.failure?.message.includes(NAME)).toBe(false)
  })
})

describe('scanners', () => {
  test.each([
    [['lab/two'], 'lab', 'two'],
    [['lab'], 'lab', undefined],
    [['dmz/one', 'lab/two'], 'lab', 'two'],
  ])('%j takes the scan to one of them', async (scanners, pool, instance) => {
    world.scanners.credentials.push(credential({ allowedTargets: ['10.0.0.0/8'], scanners }))
    const result = { scanner_pool: pool, ...(instance === undefined ? {} : { scanner_instance: instance }) }
    expect(await run('10.0.0.5', { scanner_pool: pool })).toMatchObject({ ...started, result })
  })

  test('others are refused', async () => {
    world.scanners.credentials.push(credential({ allowedTargets: ['10.0.0.0/8'], scanners: ['lab/two'] }))
    expect(await run('10.0.0.5', { scanner_pool: 'dmz' })).toMatchObject(
      refused('forbidden', 'may not be given to one'),
    )
    expect(await run('10.0.0.5', { scanner_pool: 'lab', scanner_instance: 'one' })).toMatchObject(
      refused('forbidden', 'may not be given'),
    )
  })
})

describe('callers', () => {
  beforeEach(() => {
    world.scanners.credentials.push(
      credential({ allowedTargets: ['10.0.0.0/8'], callers: ['alice'] }),
      credential({ name: 'for-all', allowedTargets: ['10.0.0.0/8'] }),
    )
  })

  test('may use it, and nobody else can tell that it is there', async () => {
    expect(await run('10.0.0.5', {}, 'alice')).toMatchObject(started)
    for (const caller of ['bob', undefined]) {
      const there = await run('10.0.0.5', {}, caller)
      const absent = await run('10.0.0.5', { credential: 'linux-prox' }, caller)
      expect(there).toMatchObject(refused('invalid_argument', 'no credential', 'for-all'))
      expect(JSON.stringify(there).replaceAll(NAME, '')).toBe(JSON.stringify(absent).replaceAll('linux-prox', ''))
    }
  })

  test('alone are told its name, in errors with near names and in lists', async () => {
    const near = async (caller: string) => JSON.stringify(await run('10.0.0.5', { credential: 'linux-prd' }, caller))
    expect(await near('alice')).toContain(NAME)
    expect(await near('bob')).not.toContain(NAME)
    const lacking = async (caller: string) =>
      JSON.stringify(
        await world.call('run_trusted_scan', { targets: '10.0.0.5', name: 'n', username: 'u' }, { caller }),
      )
    expect(await lacking('alice')).toContain(NAME)
    expect(await lacking('bob')).not.toContain(NAME)
  })

  test('alone see it in the settings of a scan', async () => {
    const answer = (await run('10.0.0.5', {}, 'alice')) as unknown as { result: { task_id: string } }
    const settings = async (caller: string) =>
      JSON.stringify(await world.call('get_scan_settings', { task_id: answer.result.task_id }, { caller }))
    expect(await settings('alice')).toContain(NAME)
    expect(await settings('bob')).not.toContain(NAME)
  })
})

test.each([
  ['username', 'u'],
  ['ssh_username', 'u'],
  ['password', 'p'],
  ['ssh_password', 'p'],
  ['auth_method', 'password'],
  ['private_key', 'k'],
  ['passphrase', 'p'],
  ['certificate', 'c'],
  ['domain', 'd'],
  ['realm', 'r'],
  ['kdc', 'k'],
  ['kdc_port', 88],
  ['elevate_privileges_with', 'sudo'],
  ['escalation_account', 'root'],
  ['escalation_password', 'p'],
])('a %s beside it is an error', async (argument, value) => {
  world.scanners.credentials.push(credential({ allowedTargets: ['10.0.0.0/8'] }))
  expect(await run('10.0.0.5', { [argument]: value })).toMatchObject(refused('invalid_argument', 'not both'))
})
