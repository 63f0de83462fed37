/**
 * Every call of the three documents the product grew from: tool names, argument
 * names and result fields are served, under their old names too. What is served
 * otherwise than written there is listed, with the reason, in docs/agent-questions.md.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse, type Answer, type House } from '../support/house.ts'

let house: House
let done: string
let failed: string
beforeAll(async () => {
  house = await openHouse()
  done = await house.start({ debug_mode: true })
  failed = await house.start({ template: 'no-such' })
  await house.ended(done)
  await house.ended(failed)
})
afterAll(() => house?.close())

/** What a table row may stand for: ids are known only once the scans exist. */
const DONE = '<done>'
const fill = (args: object): object =>
  Object.fromEntries(Object.entries(args).map(([name, value]) => [name, value === DONE ? done : (value as unknown)]))

const scan = {
  targets: '192.168.1.1',
  name: 'Test Scan',
  description: 'd',
  schema_profile: 'brief',
  scanner_type: 'nessus',
}
const on = { scanner_instance: 'quick', debug_mode: true }
const login = { username: 'u', password: 'p', auth_method: 'password' }
const escalation = { escalation_method: 'sudo', escalation_password: 'p', escalation_account: 'root' }
const started = 'task_id status queue_position scanner_instance'
/** Compliance checks are counted apart from vulnerabilities, and say so. */
const ROWS = ['vulnerability', 'compliance', 'pagination']
const status = 'task_id status progress created_at started_at completed_at queue_position error_message'

describe('architecture 2.1', () => {
  test.each([
    ['run_untrusted_scan', { ...scan, ...on }, started],
    ['run_trusted_scan', { ...scan, ...on, ...login }, started],
    ['run_privileged_scan', { ...scan, ...on, ...login, ...escalation }, started],
    ['get_scan_status', { task_id: DONE }, status],
    [
      'get_scan_settings',
      { task_id: DONE },
      'task_id scan_type scanner_type scanner_instance settings created_at execution_time_seconds',
    ],
    ['download_native_scan', { task_id: DONE }, 'file_path size_bytes format'],
    ['list_scans', { status: 'completed', scan_type: 'untrusted', limit: 50 }, 'tasks'],
    ['list_scanners', { scanner_type: 'nessus', enabled_only: true }, 'scanners'],
  ])('%s takes its arguments and answers its fields', async (tool, args, fields) => {
    expect(Object.keys(await house.result(tool, fill(args)))).toEqual(expect.arrayContaining(fields.split(' ')))
  })

  test('delete_scan', async () => {
    const taskId = await house.start()
    await house.ended(taskId)
    expect(await house.result('delete_scan', { task_id: taskId, force: true })).toMatchObject({
      deleted: true,
      task_id: taskId,
    })
  })

  test('rows of list_scans and list_scanners', async () => {
    const { tasks } = (await house.result('list_scans', {})) as { tasks: Answer[] }
    expect(Object.keys(tasks[0]!)).toEqual(
      expect.arrayContaining(['task_id', 'name', 'status', 'scan_type', 'created_at', 'last_accessed_at']),
    )
    const { scanners } = (await house.result('list_scanners', {})) as { scanners: Answer[] }
    expect(Object.keys(scanners[0]!)).toEqual(
      expect.arrayContaining(['scanner_type', 'instance_id', 'name', 'url', 'enabled']),
    )
  })

  test.each(['trusted_basic', 'trusted_privileged', 'untrusted'])('list_scans knows the scan type %s', async (type) => {
    const { tasks } = (await house.result('list_scans', { scan_type: type })) as { tasks: Answer[] }
    expect(tasks.length).toBeGreaterThan(0)
  })

  test('settings mask the credentials', async () => {
    const { task_id: taskId } = await house.result('run_privileged_scan', { ...scan, ...login, ...escalation })
    const { settings } = await house.result('get_scan_settings', { task_id: taskId })
    expect(settings).toMatchObject({
      name: 'Test Scan',
      credentials: { password: '***REDACTED***', escalation_password: '***REDACTED***' },
    })
  })

  test.each([
    ['no arguments but the task', {}],
    ['a page of a size', { page: 1, page_size: 40 }],
    ['page 0', { page: 0 }],
    ['a custom schema', { custom_schema: { fields: ['host', 'plugin_id'] } }],
    ['text', { filters: { plugin_name: 'SSH' } }],
    ['a comparison', { filters: { cvss3_base_score: '>7.0' } }],
    ['a boolean', { filters: { exploit_available: true } }],
    ['a list', { filters: { cve: 'CVE-20' } }],
    ['a severity by name', { filters: { severity: 'Critical', exploit_available: true } }],
  ])('get_scan_results with %s', async (_what, args) => {
    const lines = await linesOf({ task_id: done, ...args })
    expect(lines[0]).toMatchObject({
      type: 'schema',
      profile: expect.any(String) as string,
      fields: expect.any(Array) as [],
      filters_applied: {},
    })
    expect(lines[1]).toMatchObject({ type: 'scan_metadata' })
    expect(lines.slice(2).every(({ type }) => ROWS.includes(String(type)))).toBe(true)
  })

  test('the curl lines work: no content type, no body', async () => {
    expect((await fetch(`${house.url}/tools/list_scanners`, { method: 'POST' })).status).toBe(200)
    const body = JSON.stringify({ task_id: done })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await fetch(`${house.url}/tools/get_scan_status`, { method: 'POST', body, headers })).status).toBe(200)
  })
})

describe('architecture 3.0', () => {
  test('the fields of a task', async () => {
    const fields =
      'task_id trace_id scan_type scanner_type scanner_pool scanner_instance status created_at started_at completed_at nessus_scan_id error_message validation_warnings authentication_status results_summary'
    expect(Object.keys(await house.result('get_scan_status', { task_id: done }))).toEqual(
      expect.arrayContaining(fields.split(' ')),
    )
    const failure = await house.result('get_scan_status', { task_id: failed })
    expect(failure).toMatchObject({ status: 'failed', error_message: expect.stringContaining('no-such') as string })
  })

  test('the status of a pool', async () => {
    const pool = await house.result('get_pool_status', { scanner_pool: 'nessus' })
    expect(pool).toMatchObject({
      total_capacity: 4,
      utilization_pct: expect.any(Number) as number,
      scanners: [{ active_scans: expect.any(Number) as number, max_concurrent_scans: 4 }],
    })
    expect(await house.result('list_pools', {})).toMatchObject({ default_pool: 'nessus' })
  })

  test('a key, and the three types of scan', async () => {
    const args = { ...scan, idempotency_key: 'k', scanner_pool: 'nessus' }
    expect(await house.result('run_untrusted_scan', args)).toMatchObject({
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    })
    for (const scanType of ['authenticated', 'authenticated_privileged']) {
      const elevation = { elevate_privileges_with: 'sudo', escalation_account: 'root', escalation_password: 'p' }
      const { username: ssh_username, password: ssh_password } = login
      const given = { ...scan, scan_type: scanType, ssh_username, ssh_password, ...elevation }
      expect(await house.result('run_authenticated_scan', given)).toMatchObject({ scan_type: scanType })
    }
  })

  test('health and metrics', async () => {
    const health = (await (await fetch(`${house.url}/health`)).json()) as object
    expect(health).toMatchObject({
      redis_healthy: true,
      filesystem_healthy: true,
      overall_status: 'healthy',
      response_code: 200,
    })
    const metrics = await (await fetch(`${house.url}/metrics`)).text()
    const names =
      'nessus_scans_total nessus_api_requests_total nessus_active_scans nessus_scanner_instances nessus_queue_depth nessus_task_duration_seconds nessus_ttl_deletions_total nessus_dlq_size'
    for (const name of names.split(' ')) expect(metrics).toContain(`# TYPE ${name} `)
  })
})

describe('client architecture', () => {
  test('submit_scan and its repetition', async () => {
    const request = {
      targets: '192.168.1.1',
      scan_name: 'Network Scan',
      description: 'd',
      idempotency_key: 'older client',
    }
    const first = await house.result('run_untrusted_scan', request)
    expect(first).toMatchObject({
      status: 'queued',
      scan_type: 'untrusted',
      scan_name: 'Network Scan',
      idempotent: false,
    })
    expect(Date.parse(String(first['created_at']))).toBeGreaterThan(0)
    const again = await house.result('run_untrusted_scan', request)
    expect(again).toMatchObject({
      task_id: first['task_id'],
      idempotent: true,
      original_task: { task_id: first['task_id'] },
    })
  })

  test('get_results, get_status, list_scanners, get_queue_status, list_tasks', async () => {
    const args = { task_id: done, schema_profile: 'minimal', filters: { severity: '4' }, page: 0, page_size: 40 }
    const lines = await linesOf(args)
    expect(lines[0]).toHaveProperty(
      'total_vulnerabilities',
      lines.filter(({ type }) => type === 'vulnerability').length,
    )
    expect(lines.at(-1)).not.toHaveProperty('page')
    // A finding has the fields that it has: one without a CVE has no cve.
    const vulnerability = lines.find(({ type, cve }) => type === 'vulnerability' && cve !== undefined) ?? {}
    expect(Object.keys(vulnerability)).toEqual(
      expect.arrayContaining(['host', 'plugin_id', 'severity', 'cve', 'cvss_score']),
    )
    expect(await house.result('get_scan_status', { task_id: done })).toMatchObject({
      status: 'completed',
      progress: 100,
    })
    expect(await house.result('get_queue_status', {})).toHaveProperty('queue_depth')
    expect(await house.result('list_tasks', { status: 'completed', limit: 100 })).toHaveProperty('tasks')
    const byFilter = await house.result('list_tasks', { status_filter: 'failed' })
    expect(byFilter).toMatchObject({ tasks: [{ task_id: failed }] })
  })
})

async function linesOf(args: object): Promise<Answer[]> {
  const { text } = await house.result('get_scan_results', args)
  return String(text)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer)
}
