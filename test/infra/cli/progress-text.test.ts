/** The line that a person sees while a scan goes on. */
import { expect, test } from 'vitest'
import { progressText } from '../../../infra/cli/commands/follow-scan.ts'

const scan = {
  status: 'running',
  step: 'exporting',
  stopping: null,
  scanner_instance: 'one',
  scanner_pool: 'lab',
  queue_position: null,
  hosts_found: 3,
  started_at: '2026-01-01T12:00:00Z',
  created_at: '2026-01-01T12:00:00Z',
  trouble: null,
}
const textOf = (patch: object) => progressText({ ...scan, ...patch } as never, Date.parse('2026-01-01T12:01:00Z'))

test('says what the scan is at, where and on how much', () => {
  expect(textOf({})).toMatch(/^exporting · one · 3 hosts/)
  expect(textOf({ stopping: 'canceled' })).toMatch(/^stopping · one/)
})

test('says its place in the queue', () => {
  const queued = { status: 'queued', scanner_instance: null, hosts_found: null, queue_position: 2 }
  expect(textOf(queued)).toMatch(/^waiting in pool lab, number 2 in the queue/)
})

test('says what keeps it waiting', () => {
  const trouble = { since: '2026-01-01T12:00:00Z', message: 'The data directory is full: free space there.' }
  expect(textOf({ trouble })).toContain(' · waits: The data directory is full: free space there.')
})
