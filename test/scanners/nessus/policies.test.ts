/** What the client makes of the scanner's policies: which are shown, which can be used, and which one a new scan gets. */
import { describe, expect, test } from 'vitest'
import { CallerMistake } from '../../../lib/base/errors.ts'
import { parseConfiguration } from '../../../lib/scanners/configuration/configuration.ts'
import { errorOf, startClient } from '../support/client.ts'
import type { Script, ScriptedScanner } from '../support/scripted-scanner.ts'

const MARKER = 'ns_one_20260101_000000_0123abcd'
const TEMPLATES = [
  { uuid: 'u-basic', name: 'basic', title: 'Basic', desc: '' },
  { uuid: 'u-advanced', name: 'advanced', title: 'Advanced', desc: '' },
  { uuid: 'u-custom', name: 'custom', title: 'Custom', desc: '' },
  { uuid: 'u-paid', name: 'pci', title: '', desc: '', license_fulfilled: false },
  { uuid: 'u-agent', name: 'agent_basic', title: '', desc: '', is_agent: true },
  { uuid: 'u-agent6', name: 'agent_six', title: '', desc: '', is_agent: 1 },
  { uuid: 'u-cloud', name: 'asv', title: '', desc: '', cloud_only: true },
  { uuid: 'u-manager', name: 'mdm', title: '', desc: '', manager_only: true },
  { uuid: 'u-old', name: 'wannacry', title: '', desc: '', unsupported: true },
]
const policy = (id: number, name: unknown, more: object = {}) => ({
  id,
  template_uuid: 'u-advanced',
  name,
  description: '',
  owner: 'ann',
  user_permissions: 128,
  no_target: 'false',
  ...more,
})
const POLICIES = [
  policy(2, 'Weekly'),
  policy(3, 'Shared', { user_permissions: 16, owner: 'bob' }),
  policy(4, 'Private', { user_permissions: 0, owner: 'bob' }),
  policy(5, 'Paid', { template_uuid: 'u-paid' }),
  policy(6, 'Unlisted template', { template_uuid: 'u-gone' }),
  policy(7, 'Cloud audit', { no_target: 'true' }),
  policy(8, null),
  { id: 'nine', name: 'No id' },
  null,
]
const script = (more: Script = {}): Script => ({
  'GET /editor/scan/templates': { json: { templates: TEMPLATES } },
  'GET /server/properties': { json: { nessus_type: 'Nessus Professional' } },
  'GET /policies': { json: { policies: POLICIES } },
  'GET /scans': { json: { folders: [{ id: 3, name: 'My Scans', type: 'main' }], scans: null } },
  'POST /scans': { json: { scan: { id: 7, uuid: 'template-x' } } },
  ...more,
})
const scanOf = (asked: string, more: object = {}) => ({
  name: 'Office',
  description: '',
  marker: MARKER,
  targets: '10.0.0.1',
  template: 'basic',
  policy: { asked, ...more },
})
const posted = (scanner: ScriptedScanner) =>
  JSON.parse(scanner.seen.find(({ method, path }) => method === 'POST' && path === '/scans')?.body ?? '{}') as {
    uuid: string
    settings: Record<string, unknown>
  }

test('of the templates only those are offered that can run here, each other says why not', async () => {
  const { client, scanner } = await startClient(script())
  const usable = () => client.templates()
  expect((await usable()).map(({ name }) => name)).toEqual(['basic', 'advanced', 'custom'])
  const barred = (await client.templates({ all: true })).flatMap(({ obstacle }) => obstacle ?? [])
  expect(new Set(barred).size).toBe(5)
  scanner.script['GET /server/properties'] = { json: { nessus_type: 'Nessus Manager' } }
  expect((await usable()).map(({ name }) => name)).toContain('mdm')
  // What does not say which product it is rules nothing out.
  scanner.script['GET /server/properties'] = { json: {} }
  expect((await usable()).map(({ name }) => name)).toContain('mdm')
})

test('every policy that can be asked for is shown, and what keeps one from being used', async () => {
  const { client } = await startClient(script())
  const obstacles = Object.fromEntries((await client.policies()).map(({ id, obstacle }) => [id, obstacle ?? 'none']))
  expect(obstacles).toEqual({
    2: 'none',
    3: 'none',
    4: expect.stringContaining('belongs to bob'),
    5: expect.stringContaining('template pci cannot run: its licence'),
    6: 'none',
    7: expect.stringContaining('takes no targets'),
    8: expect.stringContaining('does not tell its name'),
  })
})

test('a scanner without policies says null, and one of which little is said rules nothing out', async () => {
  const { client, scanner } = await startClient(script({ 'GET /policies': { json: { policies: null } } }))
  expect(await client.policies()).toEqual([])
  scanner.script['GET /policies'] = { json: { policies: [{ id: 2, name: 'Bare' }] } }
  expect(await client.policies()).toEqual([{ id: 2, name: 'Bare', description: '' }])
})

describe('where the configuration allows some alone', () => {
  test('the others say so, and no scan is made of one', async () => {
    const entry = { accessKey: 'a', secretKey: 's', allowedPolicies: ['Shared'] }
    const { client, scanner } = await startClient(script(), { entry })
    const usable = (await client.policies()).filter(({ obstacle }) => obstacle === undefined)
    expect(usable.map(({ name }) => name)).toEqual(['Shared'])
    const error = await errorOf(client.create(scanOf('Weekly')))
    expect(error).toBeInstanceOf(CallerMistake)
    expect(error.message).toMatch(/cannot scan with "Weekly" .*allowed_policies/)
    expect(scanner.count('POST /scans')).toBe(0)
    await client.create(scanOf('shared'))
    expect(posted(scanner).settings['policy_id']).toBe(3)
  })

  test.each([
    ['allowed_policies: [Weekly, " Shared "]', ['Weekly', 'Shared']],
    ['allowed_policies:', []],
    ['name: x', undefined],
  ])('%s is read as %j', (line, allowed) => {
    const text = `lan:\n  - instance_id: a\n    url: https://n:8834\n    enabled: false\n    ${line}\n`
    const { entries } = parseConfiguration({ text, file: 'scanners.yaml', env: {}, readFile: () => '' })
    expect(entries[0]?.allowedPolicies).toEqual(allowed)
  })
})

describe('a new scan', () => {
  test.each([
    ['its own template', 'Weekly', 'u-advanced', 2],
    ['the template for any policy, where its own is not listed', 'Unlisted template', 'u-custom', 6],
  ])('is made with the policy by %s, and what the call gives goes over it', async (_what, asked, uuid, id) => {
    const { client, scanner } = await startClient(script())
    await client.create(scanOf(asked))
    expect(posted(scanner)).toMatchObject({
      uuid,
      settings: { policy_id: id, text_targets: '10.0.0.1', name: `Office [${MARKER}]` },
    })
  })

  test('without a policy names none, for an empty one is refused', async () => {
    const { client, scanner } = await startClient(script())
    const { policy: _none, ...plain } = scanOf('')
    await client.create(plain)
    expect(posted(scanner).settings).not.toHaveProperty('policy_id')
    expect(scanner.count('GET /policies')).toBe(0)
  })

  test.each([
    ['has gone since it was chosen', { id: 99, name: 'Gone' }, /no policy "Gone" \(id 99\) any more/],
    ['bears another name now', { id: 2, name: 'Daily' }, /policy 2 .* is "Weekly" now, and was "Daily"/],
    ['may not be used any more', { id: 4, name: 'Private' }, /belongs to bob/],
  ])('is not made of a policy that %s: that is for its caller to mend (SB1, SB2)', async (_what, chosen, message) => {
    const { client, scanner } = await startClient(script())
    const error = await errorOf(client.create(scanOf('x', chosen)))
    expect(error).toBeInstanceOf(CallerMistake)
    expect(error.message).toMatch(message)
    expect((error as CallerMistake).remedy).toContain('list_policies')
    expect(scanner.count('POST /scans')).toBe(0)
  })

  test.each([
    [400, { error: "Invalid 'policy_id' field" }],
    [404, { error: 'The requested file was not found' }],
  ])('whose policy is deleted as it is made (%s) fails for its caller', async (status, json) => {
    const { client, scanner } = await startClient(
      script({
        'POST /scans': () => {
          scanner.script['GET /policies'] = { json: { policies: [] } }
          return { status, json }
        },
      }),
    )
    expect(await errorOf(client.create(scanOf('Weekly', { id: 2, name: 'Weekly' })))).toBeInstanceOf(CallerMistake)
  })

  test('that was refused for another reason says that reason', async () => {
    const refused = { status: 400, json: { error: "Invalid 'text_targets' field" } }
    const { client } = await startClient(script({ 'POST /scans': refused }))
    const error = await errorOf(client.create(scanOf('Weekly')))
    expect(error).not.toBeInstanceOf(CallerMistake)
    expect(error.message).toContain('text_targets')
  })
})
