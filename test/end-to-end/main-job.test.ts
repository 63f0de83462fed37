/** The main job as a newcomer does it: one command, an agent, a scan, its findings; Ctrl-C; and again tomorrow. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLab, type Lab } from '../support/lab.ts'
import type { Program } from '../support/processes.ts'
import { AGENTS, type Agent, type Progress } from './mcp-clients.ts'

const REPORTS = fileURLToPath(new URL('../../../shared/data', import.meta.url))
const hasReports = existsSync(join(REPORTS, 'goad.nessus'))

interface Expected {
  readonly hosts: number
  readonly items: number
  readonly severity: Readonly<Record<string, number>>
}

let lab: Lab
let up: Program
let url: string
let failed = true

async function start(name: string): Promise<{ program: Program; url: string }> {
  const reports = hasReports ? ['--reports', REPORTS] : []
  const program = lab.run(name, ['up', '--scan-seconds', '2', ...reports])
  const [, address = ''] = await program.said(/MCP endpoint\s+(\S+)\/mcp/)
  return { program, url: address }
}

beforeAll(async () => {
  lab = openLab()
  ;({ program: up, url } = await start('up'))
})
afterAll(() => lab.close({ keep: failed }))

describe.each(Object.keys(AGENTS))('with the %s client', (era) => {
  test('a scan is submitted, waited for with progress, and read', async () => {
    const agent = await AGENTS[era]!(url)
    const submitted = await agent.call('run_untrusted_scan', { targets: '192.0.2.10-12', name: 'network' })
    expect(submitted).toMatchObject({ isError: false })
    const { status, heard } = await waitFor(agent, String(submitted.structured['task_id']))
    expect(status).toMatchObject({ status: 'completed', progress: 100, results_summary: { hosts_scanned: 3 } })
    expect(heard.length).toBeGreaterThan(1)
    const { findings, severities } = await readAll(agent, String(submitted.structured['task_id']))
    expect(findings.length).toBeGreaterThan(10)
    expect(new Set(findings.map(({ host }) => host)).size).toBe(3)
    const summary = status['results_summary'] as { severity_breakdown: Record<string, number> }
    const { critical, high, medium, low, info } = summary.severity_breakdown
    expect(severities).toEqual([info, low, medium, high, critical])
    await agent.close()
  })

  test.skipIf(!hasReports)('a real report has the hosts, items and severities that are known of it', async () => {
    const agent = await AGENTS[era]!(url)
    const submitted = await agent.call('run_untrusted_scan', { targets: '192.168.56.0/24', name: `goad ${era}` })
    const taskId = String(submitted.structured['task_id'])
    const { status } = await waitFor(agent, taskId)
    expect(status['status']).toBe('completed')
    const known = JSON.parse(readFileSync(join(REPORTS, 'expected.json'), 'utf8')) as Record<string, Expected>
    const { hosts, items, severity } = known['goad.nessus']!
    const { findings, severities } = await readAll(agent, taskId)
    expect(findings).toHaveLength(items)
    expect(new Set(findings.map(({ host }) => host)).size).toBe(hosts)
    expect(severities).toEqual([0, 1, 2, 3, 4].map((level) => severity[level]))
    await agent.close()
  })

  test.each([
    ['malformed targets', 'run_untrusted_scan', { targets: '10.0.0.300', name: 'x' }, /10\.0\.0\.300/],
    ['an unknown task id', 'get_scan_status', { task_id: 'ns_sim_20260101_000000_00000000' }, /list_tasks/],
    ['a task id that is none', 'get_scan_status', { task_id: '../../etc/passwd' }, /task_id: /],
    ['no targets', 'run_untrusted_scan', { name: 'x' }, /targets: expected/],
    [
      'an unknown pool',
      'run_untrusted_scan',
      { targets: '192.0.2.1', name: 'x', scanner_pool: 'nesus' },
      /did you mean nessus/,
    ],
  ])('%s: the error says what came and what to do', async (_what, tool, args, expected) => {
    const agent = await AGENTS[era]!(url)
    const answer = await agent.call(tool, args)
    expect(answer.isError).toBe(true)
    expect(answer.text).toMatch(expected)
    await agent.close()
  })
})

test('Ctrl-C stops everything, and a second start finds the scans of the first', async () => {
  const redisPid = Number(readFileSync(join(lab.folder, 'data', 'redis', 'redis.pid'), 'utf8'))
  expect(isAlive(redisPid)).toBe(true)
  const before = await tasksOf(url)
  expect(before.length).toBeGreaterThan(0)
  expect(await up.stop('SIGINT')).toEqual({ code: 0, signal: null })
  expect(isAlive(redisPid)).toBe(false)

  const again = await start('up-again')
  const after = await tasksOf(again.url)
  expect(after).toEqual(before)
  const agent = await AGENTS['newer']!(again.url)
  const { findings } = await readAll(agent, before[0]!)
  expect(findings.length).toBeGreaterThan(0)
  await agent.close()
  expect(await again.program.stop('SIGINT')).toEqual({ code: 0, signal: null })
  failed = false
})

async function waitFor(agent: Agent, taskId: string) {
  const heard: Progress[] = []
  for (;;) {
    const args = { task_id: taskId, wait_seconds: 20 }
    const answer = await agent.call('get_scan_status', args, (news) => heard.push(news))
    expect(answer).toMatchObject({ isError: false })
    const { structured: status } = answer
    if (status['status'] !== 'queued' && status['status'] !== 'running') return { status, heard }
  }
}

async function readAll(agent: Agent, taskId: string) {
  const { text } = await agent.call('get_scan_results', { task_id: taskId, page: 0, schema_profile: 'minimal' })
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; host: string; severity: number })
  const findings = lines.filter(({ type }) => type === 'vulnerability')
  const severities = [0, 1, 2, 3, 4].map((level) => findings.filter(({ severity }) => severity === level).length)
  return { findings, severities }
}

async function tasksOf(gateway: string): Promise<string[]> {
  const agent = await AGENTS['newer']!(gateway)
  const { structured } = await agent.call('list_tasks', {})
  await agent.close()
  return (structured['tasks'] as { task_id: string }[]).map(({ task_id: id }) => id)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
