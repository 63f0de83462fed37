/** Every change of a scan is a line at info: who made it, by which way, from what to what. */
import { expect, test } from 'vitest'
import { makeRecorder, type Recording } from '../../../infra/processes/recorder.ts'
import { silentLog } from '../../../lib/base/log.ts'
import type { Delivery } from '../../../lib/bus/bus.ts'
import { busKeys } from '../../../lib/bus/keys.ts'
import { makeMetrics } from '../../../lib/observe/metrics.ts'
import type { Runner } from '../../../lib/runtime/runner.ts'
import { erase, update, type ScanChange } from '../../../lib/scans/change.ts'
import { runningScan } from '../../support/scan-record.ts'

const scan = runningScan({ caller: 'alice' })

async function linesOf(
  change: ScanChange,
  delivery: { function: string; type: string; data?: object },
): Promise<[string, object?][]> {
  const lines: [string, object?][] = []
  const recorder = makeRecorder({
    snapshots: { write: () => Promise.resolve(true), read: () => Promise.resolve(undefined) },
    services: {
      scans: { get: () => Promise.resolve(scan), look: () => Promise.resolve([scan]) },
      keyspace: { entries: () => Promise.resolve([]) },
      busKeys: busKeys('test'),
      reports: { remove: () => Promise.resolve() },
    },
    metrics: makeMetrics(),
    log: {
      ...silentLog,
      info: (message: string, fields?: object) => void lines.push(fields ? [message, fields] : [message]),
    },
  } as unknown as Recording)
  const { function: name, type, data = {} } = delivery
  const heard = { function: name, event: { type, subject: scan.task_id, data } } as unknown as Delivery
  await recorder.recordChanges(heard, () => Promise.resolve({ outcome: 'settled', changes: [change] }), {} as Runner)
  return lines
}

const call = (tool: string, source: string) => ({
  function: tool,
  type: `tool.${tool}`,
  data: { caller: 'bob', source },
})

test.each(['mcp', 'http', 'stdio'])('a deletion by a caller over %s', async (source) => {
  const [[message, fields] = []] = await linesOf(erase(scan), call('delete_scan', source))
  expect(message).toBe('scan deleted')
  expect(fields).toMatchObject({
    task_id: scan.task_id,
    caller: 'bob',
    owner: 'alice',
    source,
    function: 'delete_scan',
    scanner: `${scan.scanner_pool}/${scan.scanner_instance}`,
    before: { status: 'running' },
    after: null,
    status: 'deleted',
  })
})

test('a deletion by age, and a step of the scan itself, are nobody’s act', async () => {
  for (const [name, type] of [
    ['expire', 'expire.due'],
    ['poll', 'scan.poll-due'],
  ] as const) {
    // What an event's data says of a caller counts for calls alone.
    const [[, fields] = []] = await linesOf(erase(scan), {
      function: name,
      type,
      data: { caller: 'mallory', source: 'mcp' },
    })
    expect(fields).toMatchObject({ source: 'upkeep', caller: null, function: name })
  }
})

test('a stop that is asked for, with its reason', async () => {
  const change = update(scan, { step: 'stopping', stopping: { as: 'canceled', reason: 'stopped by bob' } })
  const [[, fields] = []] = await linesOf(change, call('stop_scan', 'mcp'))
  expect(fields).toMatchObject({ before: { step: scan.step }, after: { step: 'stopping', stopping: 'stopped by bob' } })
})

test('a mark to delete, a pause and a trouble are changes; progress alone is none', async () => {
  const by = { function: 'poll', type: 'scan.poll-due' }
  expect(await linesOf(update(scan, { deleting: true }), by)).toHaveLength(1)
  expect(await linesOf(update(scan, { scanner_status: 'paused' }), by)).toHaveLength(1)
  expect(await linesOf(update(scan, { trouble: { since: scan.created_at, message: 'away' } }), by)).toHaveLength(1)
  expect(await linesOf(update(scan, { progress: 5, hosts_found: 2 }), by)).toHaveLength(0)
})
