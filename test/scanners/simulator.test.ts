/**
 * The client against the simulator: two readings of the same facts, by different
 * people, that share no code. Where they disagree, one of them is wrong.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { buffer } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import { PRODUCT_PROFILES, type SimulatorOptions } from '../../infra/simulator/options.ts'
import { startSimulator, type Simulator } from '../../infra/simulator/simulator.ts'
import { PermanentError } from '../../lib/base/errors.ts'
import { ScannerAwayError } from '../../lib/scanners/away-error.ts'
import type { ScannerEntry } from '../../lib/scanners/entry.ts'
import { makeNessusScanner } from '../../lib/scanners/nessus/nessus-scanner.ts'
import type { ScanPhase } from '../../lib/scanners/scan-state.ts'
import type { Scanner } from '../../lib/scanners/scanner.ts'
import { errorOf } from './support/client.ts'
import { entryOf } from './support/entry.ts'
import { owned } from './support/owned.ts'

const MARKER = 'ns_one_20260101_000000_0123abcd'
const SCAN = { name: 'Office', description: '', marker: MARKER, targets: '10.0.0.1,10.0.0.2', template: 'basic' }
/** So long that it runs until it is ended, however slow the machine is: twenty seconds at the speed of these tests. */
const LONG = 20_000
const open: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

type Way = 'keys' | 'login' | 'web'

function clientOf(simulator: Simulator, way: Way, over: Partial<ScannerEntry> = {}): Scanner {
  const { url, accessKey, secretKey, username, password } = simulator
  const who = way === 'keys' ? { accessKey, secretKey } : { username, password, webSession: way === 'web' }
  const client = makeNessusScanner({ entry: entryOf({ url, ...who, ...over }), now: Date.now })
  open.push(client)
  return client
}

async function start(options: SimulatorOptions, way: Way): Promise<{ simulator: Simulator; client: Scanner }> {
  const simulator = await startSimulator({ scanSeconds: 100, speed: 1000, seed: 1, ...options })
  open.push(simulator)
  return { simulator, client: clientOf(simulator, way) }
}

/** Looks until the scan is in one of `phases`; the test's own time limit ends a wait in vain. */
async function until(client: Scanner, id: number, ...phases: ScanPhase[]): Promise<void> {
  for (;;) {
    const state = await client.state(id)
    if (state && phases.includes(state.phase)) return
    await pause(5)
  }
}

async function exportOf(client: Scanner, id: number): Promise<Buffer> {
  const handle = await client.requestExport({ id })
  while ((await client.exportState({ id }, handle)) !== 'ready') await pause(5)
  return await buffer(await client.download({ id }, handle))
}

describe.each(PRODUCT_PROFILES)('a whole life on Nessus %s', (profile) => {
  test.each<Way>(['keys', 'login'])('with %s', async (way) => {
    const { client } = await start({ profile, scanApi: true, scanSeconds: 1000 }, way)
    // Nessus 6 has no such word in its licence; what is missing is unknown, not allowed.
    const launch = profile === 6 ? 'unknown' : 'allowed'
    expect(await client.probe()).toMatchObject({ reachable: true, ready: true, launch })
    expect(await client.scans()).toEqual([])
    expect(await client.findMarked(SCAN)).toEqual([])

    const { id } = await client.create(SCAN)
    expect(await client.findMarked(SCAN)).toEqual([id])
    expect((await client.scans())[0]).toMatchObject({ id, phase: 'idle', name: `Office [${MARKER}]` })
    const idle = await client.state(id)
    expect(idle?.phase).toBe('idle')
    expect(idle).not.toHaveProperty('runUuid')

    const run = await client.launch(await owned(id))
    expect(await client.launch(await owned(id))).toBe(run)
    await until(client, id, 'completed')
    expect(await client.state(id)).toMatchObject({ phase: 'completed', runUuid: run, progress: 100 })
    await client.stop(await owned(id))

    const report = await exportOf(client, id)
    expect(report.toString('utf8')).toMatch(/<\/NessusClientData_v2>\s*$/)
    await client.remove(await owned(id))
    await client.remove(await owned(id))
    expect(await client.state(id)).toBeUndefined()
  })
})

describe('without a scan API', () => {
  test.each([true, false])('writes are permanent errors and reads go on (connection reset: %s)', async (resetOn412) => {
    const { client } = await start({ scanApi: false, quirks: { resetOn412 } }, 'keys')
    expect((await client.probe()).launch).toBe('not_allowed')
    const error = await errorOf(client.create(SCAN))
    expect(error).toBeInstanceOf(PermanentError)
    expect(error.message).toMatch(/licence does not allow/)
    expect(await client.scans()).toEqual([])
  })

  test.each([true, false])(
    "the web interface's session launches, also after an upgrade (reset: %s)",
    async (resetOn412) => {
      const { client, simulator } = await start({ scanApi: false, quirks: { resetOn412 }, scanSeconds: LONG }, 'web')
      expect((await client.probe()).launch).toBe('web_session')
      const { id } = await client.create(SCAN)
      simulator.control.upgrade()
      await client.launch(await owned(id))
      await client.stop(await owned(id))
      await until(client, id, 'canceled')
      await client.remove(await owned(id))
      expect(await client.scans()).toEqual([])
    },
  )
})

describe('sessions', () => {
  test('are renewed when they expire', async () => {
    const { client, simulator } = await start({ scanApi: true }, 'login')
    const { id } = await client.create(SCAN)
    simulator.control.expireSessions()
    await Promise.all([client.state(id), client.scans(), client.state(id)])
    simulator.control.expireSessions()
    await client.launch(await owned(id))
    expect((await client.state(id))?.phase).not.toBe('idle')
  })

  test('with a wrong password do not lock the account', async () => {
    const { simulator } = await start({ scanApi: true }, 'login')
    const wrong = clientOf(simulator, 'login', { password: 'wrong' })
    for (let time = 0; time < 10; time += 1) expect((await wrong.probe()).problem).toMatch(/was rejected/)
    expect(await clientOf(simulator, 'login').scans()).toEqual([])
  })
})

test('a restart aborts what runs and costs the client nothing but a new session', async () => {
  const { client, simulator } = await start({ scanApi: true, speed: 1 }, 'login')
  const { id } = await client.create(SCAN)
  await client.launch(await owned(id))
  simulator.control.restart()
  await until(client, id, 'aborted')
  expect((await client.scans()).map(({ phase }) => phase)).toEqual(['aborted'])
})

test('pausing and resuming are heard', async () => {
  const { client } = await start({ scanApi: true, speed: 20, scanSeconds: 1000 }, 'keys')
  const { id } = await client.create(SCAN)
  await client.launch(await owned(id))
  while ((await client.state(id))?.status !== 'running') await pause(5)
  await client.pause(await owned(id))
  await until(client, id, 'paused')
  await client.pause(await owned(id))
  await client.resume(await owned(id))
  await until(client, id, 'active')
  await client.stop(await owned(id))
  await until(client, id, 'canceled')
  expect((await exportOf(client, id)).byteLength).toBeGreaterThan(0)
})

test('a failed export is gone, and the next one works', async () => {
  const { client, simulator } = await start({ scanApi: true }, 'keys')
  const { id } = await client.create(SCAN)
  await client.launch(await owned(id))
  await until(client, id, 'completed')
  simulator.control.failExports(1)
  const handle = await client.requestExport({ id })
  for (;;) {
    const state = await client.exportState({ id }, handle)
    expect(state).not.toBe('ready')
    if (state === 'gone') break
    await pause(5)
  }
  expect((await exportOf(client, id)).byteLength).toBeGreaterThan(0)
})

test.each([
  ['password', {}],
  ['password', { elevateWith: 'sudo', escalationPassword: 'x' }],
  ['password', { elevateWith: 'su+sudo', escalationPassword: 'x' }],
  ['password', { elevateWith: 'dzdo', escalationAccount: 'root', escalationPassword: 'x' }],
  ['password', { elevateWith: '.k5login' }],
  ['password', { elevateWith: "Cisco 'enable'", escalationPassword: 'x' }],
  ['public key', { privateKey: 'KEY', elevateWith: 'sudo' }],
  ['certificate', { privateKey: 'KEY', certificate: 'CERT' }],
  ['Kerberos', { realm: 'R', kdc: 'kdc.example.org' }],
  ['windows password', { domain: 'D' }],
  ['windows hash', { domain: 'D' }],
  ['windows kerberos', { realm: 'R', kdc: 'dc.example.org' }],
] as const)('a scanner that refuses unknown credential fields takes ours: %s %j', async (authMethod, more) => {
  const { client } = await start({ scanApi: true, quirks: { rejectUnknownCredentialFields: true } }, 'keys')
  const credentials = { username: 'audit', password: 'secret', authMethod, ...more }
  expect((await client.create({ ...SCAN, credentials })).id).toBeGreaterThan(0)
})

test('over TLS its own certificate is trusted by fingerprint', async () => {
  const { client, simulator } = await start({ scanApi: true, https: true }, 'keys')
  expect((await client.probe()).problem).toMatch(/certificate is not trusted/)
  const fingerprint = (simulator.fingerprint ?? '').replaceAll(':', '').toLowerCase()
  expect(await clientOf(simulator, 'keys', { tls: { fingerprint } }).scans()).toEqual([])
})

test('a scanner that compiles its plugins is there but not ready', async () => {
  const { client, simulator } = await start({ scanApi: true }, 'keys')
  simulator.control.pluginsCompiling(true)
  expect(await client.probe()).toMatchObject({ reachable: true, ready: false, problem: expect.any(String) as string })
})

test('to make a scan while plugins are compiled is waited for, however long, and said', async () => {
  const { client, simulator } = await start({ scanApi: true }, 'keys')
  simulator.control.pluginsCompiling(true)
  const waits = await errorOf(client.create(SCAN))
  expect(waits).toBeInstanceOf(ScannerAwayError)
  expect(waits.message).toContain('Plugins are being compiled')
  simulator.control.pluginsCompiling(false)
  expect((await client.create(SCAN)).id).toBeGreaterThan(0)
  expect(simulator.control.counts().totals.creates).toBe(1)
})

describe('a scan from a policy that a person saved', () => {
  test('is made of it, until it is deleted', async () => {
    const { simulator, client } = await start({}, 'keys')
    expect(await client.policies()).toEqual([])
    const { people } = simulator.control
    const id = people.makePolicy({ name: 'Weekly', template: 'malware', outcome: 'privileged' })
    const hidden = people.makePolicy({ name: 'Hidden', owner: 'bob', permissions: 0 })
    expect(await client.policies()).toMatchObject([
      { id, name: 'Weekly', template: 'malware' },
      { id: hidden, obstacle: expect.stringContaining('bob') as string },
    ])
    const made = await client.create({ ...SCAN, policy: { asked: 'weekly' } })
    expect(made.name).toBe(`Office [${MARKER}]`)
    people.deletePolicy(id)
    const gone = await errorOf(client.create({ ...SCAN, policy: { asked: 'weekly', id, name: 'Weekly' } }))
    expect(gone.message).toMatch(/no policy "Weekly"/)
  })

  test('templates that cannot run here are neither offered nor taken', async () => {
    const { client } = await start({}, 'keys')
    const all = await client.templates({ all: true })
    const barred = all.filter(({ obstacle }) => obstacle !== undefined).map(({ name }) => name)
    expect(barred).toEqual(['pci_scan', 'agent_basic', 'asv'])
    expect((await errorOf(client.create({ ...SCAN, template: 'agent_basic' }))).message).toMatch(/for agents/)
  })
})

describe('settings of one scan', () => {
  /** What the scanner's own editor shows of a scan: fields by id, and the families that are on. */
  async function shownBy(simulator: Simulator, id: number) {
    const keys = { 'x-apikeys': `accessKey=${simulator.accessKey}; secretKey=${simulator.secretKey}` }
    const editor = JSON.stringify(await (await fetch(`${simulator.url}/editor/scan/${id}`, { headers: keys })).json())
    const valueOf = (field: string) => new RegExp(`"id":"${field}".*?"default":"(.*?)"`).exec(editor)?.[1]
    const families = [...editor.matchAll(/"([A-Z][\w ]*)":\{"id":\d+,"count":10,"status":"enabled"/g)]
    return { valueOf, families: families.map(([, name]) => name) }
  }

  test.each(PRODUCT_PROFILES)('are shown by the editor of Nessus %s as they were asked for', async (profile) => {
    const { simulator, client } = await start({ profile }, 'keys')
    const settings = { port_range: '1-1024', ping: false, max_checks_at_once: 2, safe_checks: true }
    const basic = await shownBy(simulator, (await client.create({ ...SCAN, settings })).id)
    // The basic template counts single fields in its mode by hand alone.
    const wanted = {
      discovery_mode: 'Custom',
      portscan_range: '1-1024',
      ping_the_remote_host: 'no',
      advanced_mode: 'Custom',
      max_checks_per_host: '2',
      safe_checks: 'yes',
    }
    expect(Object.fromEntries(Object.keys(wanted).map((id) => [id, basic.valueOf(id)]))).toEqual(wanted)
    const chosen = { ...SCAN, template: 'advanced', settings: { plugin_families: ['dns'] } }
    const advanced = await shownBy(simulator, (await client.create(chosen)).id)
    expect(advanced.families).toEqual(['DNS', 'Port scanners', 'Settings'])
  })

  test('what the template has no place for is not sent', async () => {
    const { client } = await start({}, 'keys')
    const checks = { ...SCAN, template: 'discovery', settings: { safe_checks: true } }
    expect((await errorOf(client.create(checks))).message).toMatch(/template discovery has no such setting/)
    const families = { ...SCAN, settings: { plugin_families: ['DNS'] } }
    expect((await errorOf(client.create(families))).message).toMatch(/lets nobody choose plugins/)
  })
})
