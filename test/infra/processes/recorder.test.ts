import { expect, test } from 'vitest'
import { makeRecorder, type Recorder, type Recording } from '../../../infra/processes/recorder.ts'
import { silentLog } from '../../../lib/base/log.ts'
import type { Delivery } from '../../../lib/bus/bus.ts'
import { busKeys } from '../../../lib/bus/keys.ts'
import { makeMetrics } from '../../../lib/observe/metrics.ts'
import { ended as endOf, type Runner } from '../../../lib/runtime/runner.ts'
import { begin, update, type ScanChange } from '../../../lib/scans/change.ts'
import type { Scan } from '../../../lib/scans/record.ts'

const queued: Scan = {
  task_id: 'ns_one_20260101_000000_00000001',
  trace_id: '0'.repeat(32),
  revision: 1,
  status: 'queued',
  step: 'waiting',
  name: 'a scan',
  description: '',
  scan_type: 'untrusted',
  schema_profile: 'brief',
  origin: 'created',
  targets: { text: '192.0.2.1', count: 1, hosts: ['192.0.2.1'] },
  template: 'basic',
  priority: 0,
  debug_mode: false,
  scanner_type: 'nessus',
  scanner_pool: 'pool',
  created_at: '2026-01-01T00:00:00.000Z',
}
const ended = { ...queued, revision: 7, status: 'completed', step: 'done', ended_at: queued.created_at } as const

/** A recorder over a record that is as given, and what it did. */
function recorderOver(stored: Scan | undefined, log: readonly Record<string, string>[] = [], newest?: number) {
  const did: string[] = []
  const recording = {
    snapshots: {
      write(scan: Scan, options?: { over: boolean }) {
        if (newest !== undefined && scan.revision < newest && !options) return Promise.resolve(false)
        did.push(`snapshot ${scan.status}`)
        return Promise.resolve(true)
      },
      read: () => Promise.resolve(undefined),
    },
    services: {
      scans: { get: () => Promise.resolve(stored), look: () => Promise.resolve([stored]) },
      keyspace: { entries: () => Promise.resolve(log.map((fields) => ({ id: '1-0', fields }))) },
      busKeys: busKeys('test'),
      reports: { remove: () => Promise.resolve(void did.push('folder removed')) },
    },
    metrics: makeMetrics(),
    log: silentLog,
  } as unknown as Recording
  return { recorder: makeRecorder(recording), did }
}

const heard = (name: string, type: string) =>
  ({ function: name, event: { type, subject: queued.task_id } }) as unknown as Delivery

const done = () => Promise.resolve(endOf('settled'))

/** A delivery whose settle changed a scan so. */
async function record(recorder: Recorder, change: ScanChange): Promise<void> {
  const next = () => Promise.resolve({ outcome: 'settled' as const, changes: [change] })
  await recorder.recordChanges(heard('poll', 'scan.poll-due'), next, {} as Runner)
}

test('a change of status or step is written beside the results, another is not', async () => {
  const { recorder, did } = recorderOver(queued)
  await record(recorder, begin(queued))
  await record(recorder, update(queued, { progress: 5 }))
  expect(did).toEqual(['snapshot queued'])
})

test('a scan that was deleted while its snapshot was written does not get its folder back', async () => {
  const { recorder, did } = recorderOver(undefined, [{ task: queued.task_id, status: 'deleted' }])
  await record(recorder, update(queued, { status: 'canceled', step: 'done' }))
  expect(did).toEqual(['snapshot canceled', 'folder removed'])
})

test('nor does one that was still running when its worker stood still', async () => {
  const { recorder, did } = recorderOver(undefined, [{ task: queued.task_id, status: 'deleted' }])
  await record(recorder, update(queued, { status: 'running', step: 'validating' }))
  expect(did).toEqual(['snapshot running', 'folder removed'])
})

test('a scan whose record went with the data of Redis keeps its folder: it is all that is left of it', async () => {
  const others = [
    { task: queued.task_id, status: 'canceled' },
    { task: 'another', status: 'deleted' },
  ]
  const { recorder, did } = recorderOver(undefined, others)
  await record(recorder, update(queued, { status: 'canceled', step: 'done' }))
  expect(did).toEqual(['snapshot canceled'])
})

test('a snapshot newer than all that Redis knows is written over: Redis went back in time', async () => {
  const past = recorderOver(ended, [], ended.revision + 5)
  await record(past.recorder, { before: queued, after: ended })
  expect(past.did).toEqual(['snapshot completed'])
  const late = recorderOver({ ...ended, revision: 12 }, [], 12)
  await record(late.recorder, { before: queued, after: ended })
  expect(late.did).toEqual([])
})

test('a record that was overtaken while its snapshot was written is followed by the newest one', async () => {
  const { recorder, did } = recorderOver(ended)
  await record(recorder, update({ ...queued, revision: 5 }, { status: 'running', step: 'validating' }))
  expect(did).toEqual(['snapshot running', 'snapshot completed'])
})

test('the snapshot that a dying worker left undone is made up for when the end of the scan is heard', async () => {
  const { recorder, did } = recorderOver(ended)
  await recorder.makeUpFirst(heard('clean-up', 'scan.ended'), done, {} as Runner)
  expect(did).toEqual(['snapshot completed'])
})

test('nothing is made up for at other events, nor for a scan that is gone', async () => {
  const { recorder, did } = recorderOver(ended)
  await recorder.makeUpFirst(heard('admit', 'scan.ended'), done, {} as Runner)
  await recorder.makeUpFirst(heard('clean-up', 'scan.clean-up-due'), done, {} as Runner)
  await recorderOver(undefined).recorder.makeUpFirst(heard('clean-up', 'scan.ended'), done, {} as Runner)
  expect(did).toEqual([])
})
