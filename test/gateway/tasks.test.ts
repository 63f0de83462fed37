/** The tasks extension: a scan as a task, over plain requests as a client that knows tasks sends them. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDoor, type Door } from './support/door.ts'

const TASKS = 'io.modelcontextprotocol/tasks'

let door: Door
beforeAll(async () => {
  door = await openDoor()
})
afterAll(async () => {
  await door.close()
})

interface Answer {
  readonly result?: Record<string, unknown>
  readonly error?: { readonly code: number; readonly message: string }
}

async function send(
  method: string,
  params: Record<string, unknown>,
  options: { knows?: boolean; to?: Door['gateway'] } = {},
) {
  const { knows = true, to = door.gateway } = options
  const name = params['name'] ?? params['taskId']
  const response = await to.app.request('http://localhost/mcp', {
    method: 'POST',
    headers: {
      host: 'localhost',
      'content-type': 'application/json',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      'mcp-name': String(name),
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method,
      params: {
        ...params,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
          'io.modelcontextprotocol/clientCapabilities': knows ? { extensions: { [TASKS]: {} } } : {},
        },
      },
    }),
  })
  return (await response.json()) as Answer
}

const run = (options?: { knows?: boolean }) =>
  send('tools/call', { name: 'run_untrusted_scan', arguments: { targets: '10.0.0.1', name: 'as a task' } }, options)

test('a client that knows tasks gets the scan as one, under its own id', async () => {
  const { result } = await run()
  expect(result).toMatchObject({ resultType: 'task', status: 'working', pollIntervalMs: 5000, ttlMs: null })
  expect(door.scans.has(String(result?.['taskId']))).toBe(true)
})

test('a client that does not know tasks gets the plain result', async () => {
  const { result } = await run({ knows: false })
  expect(result).toMatchObject({ structuredContent: { status: 'queued' } })
})

test('only tools that start scans become tasks', async () => {
  const { result } = await send('tools/call', { name: 'list_tasks', arguments: {} })
  expect(result).toMatchObject({ structuredContent: { total: expect.any(Number) } })
})

test('pausing a scan is answered, and starts no task that a client could cancel', async () => {
  const taskId = String((await run()).result?.['taskId'])
  const { result } = await send('tools/call', { name: 'pause_scan', arguments: { task_id: taskId } })
  expect(result).toMatchObject({ structuredContent: { task_id: taskId, step: 'pausing' } })
  expect(result?.['resultType']).not.toBe('task')
})

test('the task follows the scan, on any gateway, and ends with its result', async () => {
  const taskId = String((await run()).result?.['taskId'])
  const scan = door.scans.get(taskId)!
  Object.assign(scan, { status: 'running', step: 'scanning', progress: 40 })
  const working = await send('tasks/get', { taskId }, { to: await door.another() })
  expect(working.result).toMatchObject({ taskId, status: 'working', statusMessage: 'running: scanning, 40 %' })
  Object.assign(scan, { status: 'completed', step: 'done', progress: 100 })
  const done = await send('tasks/get', { taskId })
  expect(done.result).toMatchObject({
    status: 'completed',
    result: { structuredContent: { task_id: taskId, status: 'completed', idempotent: false } },
  })
})

test('a scan that failed is a completed task with an error result', async () => {
  const taskId = String((await run()).result?.['taskId'])
  Object.assign(door.scans.get(taskId)!, { status: 'failed' })
  const { result } = await send('tasks/get', { taskId })
  expect(result).toMatchObject({ status: 'completed', result: { isError: true } })
})

test('canceling the task stops the scan', async () => {
  const taskId = String((await run()).result?.['taskId'])
  expect((await send('tasks/cancel', { taskId })).error).toBeUndefined()
  expect(door.scans.get(taskId)!.status).toBe('canceled')
  expect((await send('tasks/get', { taskId })).result).toMatchObject({ status: 'cancelled' })
})

test('an unknown task is said to be so', async () => {
  for (const taskId of ['nonsense', 'ns_test_20260102_030405_ffffffff']) {
    expect((await send('tasks/get', { taskId })).error).toMatchObject({ code: -32_602 })
  }
})

test('a client must say that it knows tasks', async () => {
  const { error } = await send('tasks/get', { taskId: 'nonsense' }, { knows: false })
  expect(error).toMatchObject({ code: -32_021 })
})
