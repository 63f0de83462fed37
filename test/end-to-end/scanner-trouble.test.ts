/** Scanners that cannot be used: the scan waits or fails, and says why and what to do; nobody's account is locked. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { callTool, ended, errorOf, resultOf, submit } from '../support/http-tools.ts'
import { entryFor, openTestLab, type Lab, type LabSimulator } from '../support/lab.ts'
import { readCounts, tellSimulator } from '../support/simulator-judge.ts'

/** Login attempts that Nessus allows before it locks an account. */
const LOCKED_AFTER = 5

interface Scene {
  readonly lab: Lab
  readonly url: string
  readonly simulator: LabSimulator
}

async function open(entryOf: (simulator: LabSimulator) => object, flags: readonly string[] = []): Promise<Scene> {
  const lab = openTestLab({ onTestFinished })
  const redis = await lab.redis()
  const simulator = await lab.simulator('simulator', ['--scan-seconds', '0.3', ...flags])
  await lab.scanners({ nessus: [entryOf(simulator)] })
  const env = { REDIS_URL: redis.url }
  const [{ url }] = await Promise.all([lab.gateway('gateway', env), lab.worker('worker', env)])
  return { lab, url, simulator }
}

async function scannerRow(url: string): Promise<Record<string, unknown>> {
  const { scanners } = await resultOf(url, 'list_scanners', {})
  return (scanners as Record<string, unknown>[])[0] ?? {}
}

test('an unreachable scanner is shown with the cause, and the scan waits for it', async () => {
  const scene = await open((simulator) => ({ ...entryFor(simulator, 'gone'), url: 'http://127.0.0.1:9' }))
  expect(await scannerRow(scene.url)).toMatchObject({
    reachable: false,
    problem: expect.stringMatching(/127\.0\.0\.1:9/),
  })
  const taskId = await submit(scene.url, { targets: '192.0.2.1', name: 'waits' })
  const status = await resultOf(scene.url, 'get_scan_status', { task_id: taskId, wait_seconds: 1 })
  expect(['queued', 'running']).toContain(status['status'])
  // It can still be stopped.
  await resultOf(scene.url, 'stop_scan', { task_id: taskId })
})

test('a licence that cannot launch by API is said plainly: at once where it is known, else when the scan is created', async () => {
  const { url, simulator } = await open((facts) => entryFor(facts, 'professional'), ['--no-scan-api'])
  expect(await scannerRow(url)).toMatchObject({ reachable: true, launch: 'not_allowed' })
  const answer = await callTool(url, 'run_untrusted_scan', { targets: '192.0.2.1', name: 'refused' })
  const said = answer.status === 200 ? await failureOf(url, answer.body) : errorOf(answer).message
  expect(said).toMatch(/licence/i)
  expect((await readCounts(simulator.url)).totals).toMatchObject({ creates: 0, launches: 0 })
})

test('a wrong password is told, and ten scans do not make a storm of logins', async () => {
  const { url, simulator } = await open((facts) => {
    const { url: address, username } = facts
    return { instance_id: 'locked-out', url: address, username, password: 'not it', max_concurrent_scans: 10 }
  })
  const taskIds = await Promise.all(
    Array.from({ length: 10 }, (_, n) => submit(url, { targets: '192.0.2.1', name: `login ${n}` })),
  )
  for (const taskId of taskIds) {
    const status = await toldWhy(url, taskId)
    const { error_message: message, trouble } = status
    expect(JSON.stringify([message, trouble])).toMatch(/password|login/i)
    expect(JSON.stringify(status)).not.toContain('not it')
  }
  const { totals } = await readCounts(simulator.url)
  expect(totals['loginsRefused']).toBeGreaterThan(0)
  expect(totals['loginsRefused']).toBeLessThan(LOCKED_AFTER)
})

/** Why the scan that a run tool has started failed in the end. */
async function failureOf(url: string, started: unknown): Promise<unknown> {
  const status = await ended(url, String((started as { task_id: unknown }).task_id))
  return status['status'] === 'failed' ? status['error_message'] : `expected failed, got ${String(status['status'])}`
}

/** The status once it says what is wrong: a scan that had been admitted fails, one that had not waits for the scanner. */
async function toldWhy(url: string, taskId: string): Promise<Record<string, unknown>> {
  for (;;) {
    const status = await resultOf(url, 'get_scan_status', { task_id: taskId, wait_seconds: 1 })
    if (status['status'] === 'failed' || status['trouble'] !== null) return status
  }
}

test('a scanner that restarts in mid-scan without losing the scan is waited for', async () => {
  const { lab, url, simulator } = await open((facts) => entryFor(facts, 'restarts'), ['--scan-seconds', '2'])
  const taskId = await submit(url, { targets: '192.0.2.1', name: 'restarted' })
  await resultOf(url, 'get_scan_status', { task_id: taskId, wait_seconds: 5 })
  await tellSimulator(simulator.url, 'restart', { loadingSeconds: 0, runningScans: 'keep' })
  expect(await ended(url, taskId)).toMatchObject({ status: 'completed', results_available: true })
  expect(existsSync(join(lab.folder, 'data', taskId, 'scan_native.nessus'))).toBe(true)
  expect((await readCounts(simulator.url)).totals).toMatchObject({ creates: 1, launches: 1 })
})

test('without a worker a call is answered at once with what to start, and not left hanging', async () => {
  const lab = openTestLab({ onTestFinished })
  const redis = await lab.redis()
  const { url } = await lab.gateway('gateway', { REDIS_URL: redis.url })
  const answer = await callTool(url, 'list_tasks', {}, { timeoutMs: 5000 })
  expect(answer.status).toBe(503)
  expect(errorOf(answer).message).toMatch(/No worker serves list_tasks.*nessus-mcp worker/)
})
