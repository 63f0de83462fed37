/** Single plugins and compliance audits of one scan, as the simulator of each version got them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Profile } from '../../../infra/simulator/options.ts'
import { startSimulator } from '../../../infra/simulator/simulator.ts'
import { CallerMistake, PermanentError } from '../../../lib/base/errors.ts'
import type { ScanSetup } from '../../../lib/facts/scan-settings.ts'
import { parseConfiguration } from '../../../lib/scanners/configuration/configuration.ts'
import { makeNessusScanner } from '../../../lib/scanners/nessus/nessus-scanner.ts'
import { errorOf, startClient } from '../support/client.ts'
import { entryOf } from '../support/entry.ts'

const SCAN = { name: 'n', description: '', marker: 'm', targets: '192.0.2.1', template: 'advanced' }
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nessus-mcp-audits-'))
  writeFileSync(join(folder, 'good.audit'), '<check_type:"Unix">\n</check_type>\n')
  writeFileSync(join(folder, 'bad.audit'), 'not an audit\n')
})
afterAll(() => rmSync(folder, { recursive: true }))

async function start(profile: Profile = 10) {
  const simulator = await startSimulator({ profile })
  const { url, accessKey, secretKey } = simulator
  const auditFiles = [
    { name: 'linux base', path: join(folder, 'good.audit'), category: 'unix' },
    { name: 'broken', path: join(folder, 'bad.audit'), category: 'Unix' },
    { name: 'gone', path: join(folder, 'gone.audit'), category: 'Unix' },
    { name: 'cloud', path: join(folder, 'good.audit'), category: 'Cloud' },
  ]
  const client = makeNessusScanner({ entry: entryOf({ url, accessKey, secretKey, auditFiles }), now: Date.now })
  open.push(simulator, client)
  const made = async (settings: ScanSetup) => {
    const { id } = await client.create({ ...SCAN, settings })
    const keys = { 'x-apikeys': `accessKey=${accessKey}; secretKey=${secretKey}` }
    return (await (await fetch(`${url}/editor/scan/${id}`, { headers: keys })).json()) as {
      plugins: { families: Record<string, { status: string; individual?: Record<string, string> }> }
      compliance: { data: { name: string; audits: { id: string }[] }[] }
    }
  }
  const failing = (settings: ScanSetup, template = 'advanced') =>
    errorOf(client.create({ ...SCAN, template, settings }))
  return { made, failing }
}

describe.each([6, 8, 10] as const)('Nessus %s', (profile) => {
  test('gets single plugins, all others of their families off, and what tells how a scan went on', async () => {
    const { families } = (await (await start(profile)).made({ plugins: [3003, 3001, 8000] })).plugins
    expect(families['Databases']?.status).toBe('mixed')
    const individual = families['Databases']?.individual ?? {}
    expect(Object.keys(individual)).toHaveLength(10)
    const on = Object.keys(individual).filter((id) => individual[id] === 'enabled')
    expect(on).toEqual(['3001', '3003'])
    expect(families['Web Servers']?.individual).toMatchObject({ 8000: 'enabled', 8001: 'disabled' })
    expect(families['DNS']).toMatchObject({ status: 'disabled' })
    expect(families['Settings']).toMatchObject({ status: 'enabled' })
  })

  test('gets an audit file of the configuration, and its own audits by name or id', async () => {
    const { data } = (
      await (await start(profile)).made({ audits: ['Linux Base', 'cis windows server 2022 l1', '101'] })
    ).compliance
    expect(data.find(({ name }) => name === 'Given')?.audits.map(({ id }) => id)).toEqual([
      'linux base.audit',
      '201',
      '101',
    ])
  })
})

test('a plugin of a family that is on by name changes nothing there', async () => {
  const { families } = (await (await start()).made({ plugins: [3003, 2001], plugin_families: ['databases'] })).plugins
  expect(families['Databases']).toMatchObject({ status: 'enabled' })
  expect(families['DNS']).toMatchObject({ status: 'mixed' })
})

test.each<[string, ScanSetup, string, RegExp]>([
  ['a plugin that is not there', { plugins: [999_999] }, 'advanced', /settings\.plugins: 999999: .*no such plugin/],
  ['plugins, where nobody chooses them', { plugins: [3003] }, 'basic', /template basic lets nobody choose plugins/],
  [
    'an audit that is not there',
    { audits: ['CIS Debian Linux'] },
    'advanced',
    /no audit "CIS Debian Linux".*there is linux base, .*CIS Debian Linux 12/,
  ],
  ['an audit, where the template has none', { audits: ['101'] }, 'basic', /settings\.audits: there is no audit "101"/],
  ['an audit of a kind that it cannot check', { audits: ['cloud'] }, 'advanced', /no checks for Cloud .*there is Unix/],
  ['an audit file that the scanner refuses', { audits: ['broken'] }, 'advanced', /Invalid audit file 'broken\.audit'/],
])('%s is for the caller to mend', async (_what, settings, template, message) => {
  const error = await (await start()).failing(settings, template)
  expect(error).toBeInstanceOf(CallerMistake)
  expect(error.message).toMatch(message)
})

test('an audit file that is no more on this machine is for the operator to mend', async () => {
  const error = await (await start()).failing({ audits: ['gone'] })
  expect(error).toBeInstanceOf(PermanentError)
  expect(error).not.toBeInstanceOf(CallerMistake)
  expect(error.message).toMatch(/audit_files: gone cannot be read .*ENOENT/)
})

test('a template that wants credentials is for the caller to mend, with the words of the scanner', async () => {
  const words = 'One of the following credentials must be added to this policy: SSH, Windows'
  const { client } = await startClient({
    'GET /editor/scan/templates': { json: { templates: [{ uuid: 'u', name: 'advanced' }] } },
    'GET /scans': { json: { folders: [], scans: null } },
    'POST /scans': { status: 400, json: { error: words } },
  })
  const error = await errorOf(client.create(SCAN))
  expect(error).toBeInstanceOf(CallerMistake)
  expect(error.message).toContain(words)
})

describe('audit_files in scanners.yaml', () => {
  const parse = (files: string) =>
    parseConfiguration({
      text: `lan:\n  - {instance_id: a, url: "https://n:8834", enabled: false, audit_files: ${files}}\n`,
      file: '/etc/n/scanners.yaml',
      env: {},
      readFile(path) {
        if (path === '/etc/n/audits/x.audit') return 'x'
        throw Object.assign(new Error('none'), { code: 'ENOENT' })
      },
    })

  test('are read with their place beside the file', () => {
    const { entries } = parse('{base: {file: audits/x.audit, category: Unix}}')
    expect(entries[0]?.auditFiles).toEqual([{ name: 'base', path: '/etc/n/audits/x.audit', category: 'Unix' }])
  })

  test.each([
    ['5', /audit_files: expected a mapping/],
    ['{base: 5}', /audit_files\.base: expected a mapping of file and category/],
    ['{base: {file: audits/x.audit}}', /audit_files\.base\.category: missing/],
    ['{base: {file: nowhere, category: Unix}}', /audit_files\.base\.file: cannot read .*nowhere \(ENOENT\)/],
    ['{"../x": {file: audits/x.audit, category: Unix}}', /expected a name of 1 to 64/],
  ])('%s is refused', (files, message) => {
    expect(() => parse(files)).toThrow(message)
  })
})
