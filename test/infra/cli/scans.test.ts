import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXIT } from '../../../infra/cli/commands/exit-codes.ts'
import { type Ran, run, type RunOptions, startSystem, type System } from './support/system.ts'

const MISSING = 'ns_local_20200101_000000_00000000'
const SHIPPED = new URL('../../../infra/simulator/reports/', import.meta.url).pathname

let system: System
let done: string
let hint: string

const nessus = (args: readonly string[], options: RunOptions = {}): Promise<Ran> =>
  run(args, { ...options, env: { NESSUS_MCP_URL: system.url, ...options.env } })

beforeAll(async () => {
  system = await startSystem()
  const { stdout, stderr } = await nessus(['scan', '192.0.2.10', '--name', 'network'])
  done = stdout.trim()
  hint = stderr
  await nessus(['status', done, '--watch'])
})
afterAll(() => system?.stop())

describe('nessus-mcp scan', () => {
  it('prints nothing but the task id when piped, and how to follow it beside', () => {
    expect(hint).toContain(`nessus-mcp status ${done} --watch`)
    expect(done).toMatch(/^ns_simulator_\d{8}_\d{6}_[0-9a-f]{8}$/)
  })

  it('repeats a scan that has ended, on other targets', async () => {
    const { code, stdout } = await nessus(['relaunch', done, '--targets', '192.0.2.14', '192.0.2.15', '--json'])
    expect(code).toBe(EXIT.ok)
    expect(JSON.parse(stdout)).toMatchObject({ relaunch_of: done, scan_name: 'network', targets: { count: 2 } })
    const missing = await nessus(['relaunch', MISSING])
    expect(missing.code).toBe(EXIT.notFound)
  })

  it('waits, then shows the counts, the worst findings and the warnings', async () => {
    const { code, stdout, stderr } = await nessus(['scan', '192.0.2.10', '192.0.2.11', '--name', 'network', '--wait'])
    expect(stderr).toMatch(/scanning · simulator/)
    expect(stdout).toMatch(/^network \(ns_simulator_\S+\): completed after/)
    expect(stdout).toMatch(/Critical [1-9]\d* {2}High [1-9]/)
    expect(stdout).toMatch(/^Critical\t\d+\.\d\t192\.0\.2\.1[01]\t\d+\t\d+\t\S/m)
    expect(code).toBe(EXIT.ok)
  })

  it('logs in with a password from standard input, and says whether that worked', async () => {
    const login = ['--username', 'audit', '--password-stdin', '--name', 'logs in', '--wait']
    const { code, stdout } = await nessus(['scan', '192.0.2.12', ...login], { input: 'correct horse\n' })
    expect(stdout).toContain('Login: success')
    expect(code).toBe(EXIT.ok)
    const wrong = await nessus(['scan', '192.0.2.12', ...login, '--json'], { input: 'wrong\n' })
    expect(JSON.parse(wrong.stdout)).toMatchObject({ status: 'completed', authentication_status: 'failed' })
  })

  it('refuses login options without an account, before anything is sent', async () => {
    const { code, stderr } = await nessus(['scan', '192.0.2.12', '--password-stdin'], { input: 'x' })
    expect(stderr).toContain('--username')
    expect(code).toBe(EXIT.usage)
  })

  it('leaves the scan running on Ctrl-C, and says how to come back', async () => {
    const { code, stderr } = await nessus(['scan', '192.0.2.10', '--wait'], { interruptAt: ' is queued.' })
    const back = /nessus-mcp status (\S+) --watch/.exec(stderr)?.[1] ?? ''
    expect(code).toBe(EXIT.interrupted)
    const { stdout } = await nessus(['status', back, '--watch', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ task_id: back, status: 'completed' })
  })

  it('returns the first scan for the same request with --idempotent', async () => {
    const request = ['scan', '192.0.2.30', '--name', 'once', '--idempotent', '--json']
    const [first, second] = [JSON.parse((await nessus(request)).stdout), JSON.parse((await nessus(request)).stdout)]
    expect(second).toMatchObject({ task_id: first.task_id, idempotent: true })
  })

  it('names the argument that the gateway refuses', async () => {
    const { code, stderr } = await nessus(['scan', '300.0.2.10'])
    expect(stderr).toContain('300.0.2.10')
    expect(code).toBe(EXIT.usage)
  })
})

describe('nessus-mcp status', () => {
  it('answers with an exit code of its own when there is no such scan', async () => {
    const { code, stderr } = await nessus(['status', MISSING])
    expect(stderr).toContain(MISSING)
    expect(code).toBe(EXIT.notFound)
  })

  it('tells a scan that did not complete by its exit code', async () => {
    // On a slow machine a scan has ended before it is told to stop: then another is.
    let id = ''
    let stopped: { code: number | null } = { code: null }
    for (let go = 0; go < 5 && stopped.code !== EXIT.ok; go++) {
      id = (await nessus(['scan', '192.0.2.40', '--name', `stopped ${go}`])).stdout.trim()
      stopped = await nessus(['stop', id])
    }
    expect(stopped.code).toBe(EXIT.ok)
    expect((await nessus(['status', id, '--watch'])).code).toBe(EXIT.scanNotCompleted)
    expect((await nessus(['status', id])).code).toBe(EXIT.scanNotCompleted)
  })
})

describe('nessus-mcp results', () => {
  it('writes tab-separated lines when piped, the most severe first', async () => {
    const { stdout, code } = await nessus(['results', done])
    const lines = stdout.trim().split('\n')
    expect(lines[0]).toMatch(/^Critical\t/)
    expect(lines.every((line) => line.split('\t').length === 6)).toBe(true)
    expect(code).toBe(EXIT.ok)
  })

  it('filters by comparisons, by several values, and by any field', async () => {
    const high = await nessus(['results', done, '--filter', 'severity=High', '--filter', 'severity=Critical', '--json'])
    const severe = await nessus(['results', done, '--filter', 'severity>=3', '--json'])
    const { findings } = JSON.parse(severe.stdout)
    expect(findings.length).toBeGreaterThan(1)
    expect(JSON.parse(high.stdout).findings).toEqual(findings)
    const fields = await nessus(['results', done, '--filter', 'severity>=3', '--fields', 'plugin_id,plugin_name'])
    expect(fields.stdout.split('\n')[0]).toMatch(/^\d+\t\S/)
  })

  it('reads every page with --all, in JSON lines too', async () => {
    const paged = await nessus(['results', done, '--all', '--page-size', '10', '--jsonl', '--profile', 'minimal'])
    const whole = await nessus(['results', done, '--page', '0', '--jsonl', '--profile', 'minimal'])
    const findings = (text: string) => text.split('\n').filter((line) => line.startsWith('{"type":"vulnerability"'))
    expect(findings(whole.stdout).length).toBeGreaterThan(10)
    expect(findings(paged.stdout)).toEqual(findings(whole.stdout))
  })

  it('refuses an unknown field with near names, and a filter that is none', async () => {
    const unknown = await nessus(['results', done, '--filter', 'severty=3'])
    expect(unknown).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining('severity') })
    const none = await nessus(['results', done, '--filter', 'high'])
    expect(none).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining('field=value') })
  })
})

describe('reports as files', () => {
  it('downloads a report whole, and imports it again as a completed scan', async () => {
    const file = join(system.folder, 'report.nessus')
    expect(await nessus(['download', done, '-o', file])).toMatchObject({ code: EXIT.ok, stdout: `${file}\n` })
    expect(await readFile(file, 'utf8')).toContain('<NessusClientData_v2')
    const imported = await nessus(['import', file, '--name', 'again', '--json'])
    const { task_id: id } = JSON.parse(imported.stdout)
    const read = async (task: string) => (await nessus(['results', task, '--all', '--fields', 'id,severity'])).stdout
    expect(await read(id)).toBe(await read(done))
  })

  it('writes the findings for other programs, as many as it lists', async () => {
    const file = join(system.folder, 'findings.sarif')
    const saved = await nessus(['results', done, '--format', 'sarif', '--filter', 'severity>=3', '-o', file])
    expect(saved).toMatchObject({ code: EXIT.ok, stdout: `${file}\n` })
    const listed = await nessus(['results', done, '--filter', 'severity>=3', '--all', '--fields', 'id'])
    const { runs } = JSON.parse(await readFile(file, 'utf8'))
    expect(runs[0].results).toHaveLength(listed.stdout.trimEnd().split('\n').length)
    const csv = await nessus(['results', done, '--format', 'csv', '--fields', 'plugin_id,severity'])
    expect(csv.stdout).toMatch(/^plugin_id,severity\r\n\d+,\d\r\n/)
  })

  it('refuses a format with what does not go with it', async () => {
    const page = await nessus(['results', done, '--format', 'csv', '--page', '2'])
    expect(page).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining('--page') })
    const fields = await nessus(['results', done, '--format', 'ocsf', '--fields', 'host'])
    expect(fields).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining('ocsf has fields of its own') })
    const none = await nessus(['results', done, '--output', 'x'])
    expect(none).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining('--format') })
  })

  it('keeps the file of an earlier download when this one breaks off', async () => {
    const file = join(system.folder, 'kept.nessus')
    await writeFile(file, 'the report of last week')
    const gateway = createServer((_request, response) => {
      response.writeHead(200, { 'content-length': 1000 })
      response.write('<NessusClientData_v2', () => response.destroy())
    }).listen(0, '127.0.0.1')
    await once(gateway, 'listening')
    const { port } = gateway.address() as AddressInfo
    const broken = await nessus(['download', done, '-o', file, '--url', `http://127.0.0.1:${port}`])
    gateway.close()
    expect(broken.code).not.toBe(EXIT.ok)
    expect(broken.stderr).toContain('broke off')
    expect(await readFile(file, 'utf8')).toBe('the report of last week')
    expect(await readdir(system.folder)).not.toContain('kept.nessus.part')
  })

  it('imports the good files of several, and fails for the bad one', async () => {
    const bad = new URL('../../../package.json', import.meta.url).pathname
    const { code, stdout, stderr } = await nessus(['import', bad, join(SHIPPED, 'windows.nessus')])
    expect(stdout).toMatch(/^ns_import_\S+\t.*windows\.nessus\n$/)
    expect(stderr).toContain(bad)
    expect(code).toBe(EXIT.failure)
  })

  it('says which file cannot be read', async () => {
    const { code, stderr } = await nessus(['import', '/nowhere/at-all.nessus'])
    expect(stderr).toContain('/nowhere/at-all.nessus: expected a readable report, got ENOENT')
    expect(code).toBe(EXIT.usage)
  })
})

describe('what there is', () => {
  it('lists scans, scanners, pools and the queue as lines and as JSON', async () => {
    expect((await nessus(['list', '--status', 'completed'])).stdout).toContain(`${done}\tcompleted\t`)
    expect((await nessus(['scanners'])).stdout).toMatch(/^nessus\/simulator\tready\tallowed\t/)
    expect((await nessus(['pools'])).stdout).toMatch(/^nessus\t1\t2\t\d+\tyes$/m)
    for (const command of ['list', 'scanners', 'pools', 'queue', 'call']) {
      const { code, stdout } = await nessus([command, '--json'])
      expect({ command, code, json: typeof JSON.parse(stdout) }).toEqual({ command, code: EXIT.ok, json: 'object' })
    }
  })

  it('calls any tool, and tells what is wrong with its arguments', async () => {
    const { stdout } = await nessus(['call', 'get_scan_settings', JSON.stringify({ task_id: done })])
    expect(JSON.parse(stdout)).toMatchObject({ task_id: done, settings: { name: 'network' } })
    expect(await nessus(['call', 'get_scan_settings', 'task'])).toMatchObject({ code: EXIT.usage })
    expect(await nessus(['call', 'get_scan_settings'])).toMatchObject({ code: EXIT.usage })
  })

  it('deletes a scan, after which it is not found', async () => {
    const { stdout } = await nessus(['import', join(SHIPPED, 'dead-host.nessus'), '--json'])
    const { task_id: id } = JSON.parse(stdout)
    expect(await nessus(['delete', id])).toMatchObject({ code: EXIT.ok, stdout: `${id}: deleted\n` })
    expect(await nessus(['status', id, '--json'])).toMatchObject({
      code: EXIT.notFound,
      stderr: expect.stringContaining('"code":"not_found"'),
    })
  })
})
