/**
 * Secrets with values that cannot occur by chance, through every form of
 * credentials and every way a scan can end, and then a search of everything
 * that the system keeps, prints or answers.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from 'redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callTool, ended } from '../support/http-tools.ts'
import { entryFor, openLab, type Lab, type LabSimulator, type Served } from '../support/lab.ts'
import type { TestRedis } from '../support/redis.ts'
import { everyValue } from './every-value.ts'

const MARK = 'cAnArY'
let secrets = 0
const secret = (): string => `${MARK}${++secrets}-${'x'.repeat(8)}`
const key = (): string => `-----BEGIN PRIVATE KEY-----\n${secret()}\n-----END PRIVATE KEY-----\n`

let lab: Lab
let redis: TestRedis
let simulator: LabSimulator
let gateway: Served
let failed = true
const answers: string[] = []
const started: string[] = []

beforeAll(async () => {
  lab = openLab()
  redis = await lab.redis()
  simulator = await lab.simulator('simulator', ['--scan-seconds', '0.5'])
  const named = {
    allowed_targets: ['192.0.2.0/24'],
    username: 'deploy',
    password: secret(),
    elevate_privileges_with: 'sudo',
    escalation_password: secret(),
  }
  const badLogin = { instance_id: 'locked', url: simulator.url, username: 'nessus', password: secret() }
  await lab.scanners({
    nessus: [entryFor(simulator, 'sim', 8)],
    locked: [badLogin],
    credentials: { named } as never,
  })
  const env = { REDIS_URL: redis.url, LOG_LEVEL: 'debug' }
  gateway = await lab.gateway('gateway', env)
  await lab.worker('worker', env)
})
afterAll(() => lab?.close({ keep: failed }))

/** Calls a tool, and keeps the answer for the search. */
async function call(tool: string, args: object): Promise<Readonly<Record<string, unknown>>> {
  const { body } = await callTool(gateway.url, tool, args)
  answers.push(JSON.stringify(body))
  return body
}

async function start(tool: string, args: object): Promise<string> {
  const { task_id: taskId } = await call(tool, { targets: '192.0.2.1', name: 'canary', ...args })
  if (typeof taskId === 'string') started.push(taskId)
  return String(taskId)
}

const authenticated = { scan_type: 'authenticated', username: 'audit' }
const privileged = { scan_type: 'authenticated_privileged', username: 'audit' }
const escalate = (method: string) => ({ elevate_privileges_with: method, escalation_password: secret() })

/** A call for every form of credentials there is. */
const forms = (): [tool: string, args: object][] => [
  ['run_trusted_scan', { username: 'audit', password: secret() }],
  [
    'run_privileged_scan',
    { username: 'audit', password: secret(), escalation_method: 'su', escalation_password: secret() },
  ],
  ['run_authenticated_scan', { ...authenticated, username: undefined, ssh_username: 'audit', ssh_password: secret() }],
  ['run_authenticated_scan', { ...authenticated, auth_method: 'public key', private_key: key(), passphrase: secret() }],
  [
    'run_authenticated_scan',
    { ...authenticated, auth_method: 'certificate', private_key: key(), certificate: 'public' },
  ],
  ['run_authenticated_scan', { ...authenticated, auth_method: 'Kerberos', password: secret(), kdc: 'kdc', realm: 'R' }],
  ['run_authenticated_scan', { ...privileged, auth_method: 'windows password', password: secret(), domain: 'D' }],
  ...['sudo', 'su+sudo', 'dzdo', 'pbrun', "Cisco 'enable'", "Checkpoint Gaia 'expert'"].map(
    (method): [string, object] => [
      'run_authenticated_scan',
      { ...privileged, password: secret(), ...escalate(method) },
    ],
  ),
  ['run_authenticated_scan', { scan_type: 'authenticated', credential: 'named' }],
]

/** Calls that are refused, one way or another, with secrets in them. */
const refusals = (): [tool: string, args: object][] => [
  ['run_trusted_scan', { username: 'audit', password: secret(), targets: 'no/target' }],
  ['run_trusted_scan', { password: secret() }],
  [
    'run_privileged_scan',
    { username: 'audit', password: secret(), escalation_method: 'none', escalation_password: secret() },
  ],
  ['run_authenticated_scan', { ...authenticated, password: secret(), ssh_password: secret() }],
  ['run_authenticated_scan', { scan_type: 'authenticated', credential: 'named', password: secret() }],
  ['run_authenticated_scan', { scan_type: 'authenticated', credential: 'unknown', private_key: key() }],
]

/** The scanner refuses, repeats what it was sent, or cannot be logged in to; the scan is stopped or deleted on its way. */
async function troubles(): Promise<void> {
  const fault = (body: object) =>
    fetch(`${simulator.url}/simulator/faults`, { method: 'POST', body: JSON.stringify(body) })
  const echoed = secret()
  await fault({
    match: { method: 'POST', path: '^/scans$' },
    times: 1,
    action: 'status',
    status: 400,
    body: JSON.stringify({ error: `Invalid 'password' field: ${echoed}` }),
  })
  await ended(gateway.url, await start('run_trusted_scan', { username: 'audit', password: echoed }))
  await fault({
    match: { method: 'POST', path: '^/file/upload$' },
    times: 1,
    action: 'status',
    status: 400,
    body: '{"error":"no"}',
  })
  await ended(
    gateway.url,
    await start('run_trusted_scan', { username: 'audit', auth_method: 'public key', private_key: key() }),
  )
  await ended(
    gateway.url,
    await start('run_trusted_scan', { username: 'audit', password: secret(), template: 'no-such' }),
  )
  const account = { ...privileged, password: secret(), ...escalate('sudo'), escalation_account: '9bad' }
  await ended(gateway.url, await start('run_authenticated_scan', account))
  const stopped = await start('run_trusted_scan', { username: 'audit', password: secret(), debug_mode: true })
  await call('stop_scan', { task_id: stopped })
  await ended(gateway.url, stopped)
  const deleted = await start('run_trusted_scan', { username: 'audit', password: secret() })
  await call('delete_scan', { task_id: deleted, force: true })
  // Its scanner's own login is refused: it waits, and is then stopped.
  const locked = await start('run_trusted_scan', { username: 'audit', password: secret(), scanner_pool: 'locked' })
  await call('get_scan_status', { task_id: locked, wait_seconds: 1 })
  await call('stop_scan', { task_id: locked })
}

async function readEverything(): Promise<void> {
  for (const taskId of started) {
    for (const tool of [
      'get_scan_status',
      'get_scan_settings',
      'get_scan_results',
      'summarize_scan',
      'download_native_scan',
    ]) {
      await call(tool, { task_id: taskId })
    }
  }
  for (const tool of [
    'list_tasks',
    'list_scanners',
    'list_pools',
    'get_pool_status',
    'get_queue_status',
    'list_scanner_scans',
    'list_templates',
    'list_policies',
  ]) {
    await call(
      tool,
      tool.startsWith('list_scanner_') || tool === 'list_templates' || tool === 'list_policies'
        ? { scanner_instance: 'sim' }
        : {},
    )
  }
  for (const path of ['/metrics', '/health', '/ready', '/openapi.json'])
    answers.push(await (await fetch(gateway.url + path)).text())
  for (const path of ['/simulator/counts']) answers.push(await (await fetch(simulator.url + path)).text())
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

test('no secret is found anywhere, and what was sealed is gone once the scans have ended', async () => {
  const debug = { debug_mode: true }
  for (const [tool, args] of forms()) await start(tool, { ...args, ...debug })
  for (const [tool, args] of refusals())
    expect(await call(tool, { targets: '192.0.2.1', name: 'n', ...args })).toHaveProperty('error')
  for (const taskId of started) await ended(gateway.url, taskId)
  const completed = await call('list_tasks', { status: 'completed' })
  expect(completed['total']).toBe(forms().length)
  await troubles()
  await readEverything()

  const client = createClient({ socket: { path: redis.socket, tls: false }, RESP: 2 })
  await client.connect()
  const dump = await everyValue(client)
  client.destroy()
  expect(dump.filter((text) => text.includes(':dead')).length).toBeGreaterThan(0)
  expect(dump.filter((text) => text.includes(':vault:'))).toEqual([])

  const files = filesBelow(join(lab.folder, 'data')).map((file) => `${file}\n${readFileSync(file, 'latin1')}`)
  const logs = ['gateway', 'worker', 'simulator'].map((name) => readFileSync(join(lab.folder, `${name}.log`), 'utf8'))
  expect(files.some((text) => text.includes('nessus_api.log'))).toBe(true)
  expect(logs.join('').length).toBeGreaterThan(10_000)
  const everything = { dump, files, logs, answers }
  const found = Object.entries(everything).flatMap(([where, texts]) =>
    texts.flatMap((text) => {
      const at = text.indexOf(MARK)
      return at < 0 ? [] : [`${where}: …${text.slice(Math.max(0, at - 120), at + 30)}…`]
    }),
  )
  expect(found).toEqual([])
  failed = false
})
