import { expect, test } from 'vitest'
import { makeMetrics } from '../../lib/observe/metrics.ts'
import type { StateSnapshot } from '../../lib/observe/state-snapshot.ts'

const SNAPSHOT: StateSnapshot = {
  activeScans: 3,
  deadLetters: 1,
  oldestDeadLetterSeconds: 60,
  replays: 4,
  ageDeletions: 7,
  redisMemoryShare: 0.25,
  delayedEvents: 4,
  queues: [{ pool: 'dmz', depth: 7 }],
  inboxes: [{ function: 'poll', depth: 2, oldestAgeSeconds: 1.5, workers: 2 }],
  scanners: [
    { key: 'dmz/a', type: 'nessus', enabled: true, slotsUsed: 2, slotsMax: 3, reachable: true },
    { key: 'dmz/b', type: 'nessus', enabled: true, slotsUsed: 0, slotsMax: 2, reachable: false },
    { key: 'dmz/c', type: 'nessus', enabled: false, slotsUsed: 5, slotsMax: 2 },
  ],
}

test('counters and histograms appear under their names and labels', async () => {
  const metrics = makeMetrics()
  metrics.scansTotal.inc({ scan_type: 'untrusted', status: 'completed' })
  metrics.taskDurationSeconds.observe(90)
  const text = await metrics.render()
  expect(metrics.contentType).toContain('text/plain')
  expect(text).toContain('nessus_scans_total{scan_type="untrusted",status="completed"} 1')
  expect(text).toContain('nessus_task_duration_seconds_bucket{le="300"} 1')
})

test('state gauges show one snapshot', async () => {
  const metrics = makeMetrics()
  metrics.observeState(() => Promise.resolve(SNAPSHOT))
  const lines = (await metrics.render()).split('\n')
  for (const line of [
    'nessus_active_scans 3',
    'nessus_dlq_size 1',
    'nessus_delayed_events 4',
    'nessus_replays_total 4',
    'nessus_ttl_deletions_total 7',
    'nessus_queue_depth{queue="dmz"} 7',
    'nessus_inbox_depth{function="poll"} 2',
    'nessus_inbox_age_seconds{function="poll"} 1.5',
    'nessus_workers{function="poll"} 2',
    'nessus_scanner_instances{scanner_type="nessus",enabled="true"} 2',
    'nessus_scanner_instances{scanner_type="nessus",enabled="false"} 1',
    'nessus_scanner_slots{scanner="dmz/a",state="free"} 1',
    'nessus_scanner_slots{scanner="dmz/c",state="free"} 0',
    'nessus_scanner_up{scanner="dmz/a"} 1',
    'nessus_scanner_up{scanner="dmz/b"} 0',
    'nessus_state_up 1',
    'nessus_redis_memory_share 0.25',
  ]) {
    expect(lines).toContain(line)
  }
  expect(lines.some((line) => line.startsWith('nessus_scanner_up{scanner="dmz/c"}'))).toBe(false)
})

test('scrapes at the same time read the state once, a later one reads it again', async () => {
  const metrics = makeMetrics()
  let reads = 0
  metrics.observeState(() => Promise.resolve({ ...SNAPSHOT, activeScans: ++reads }))
  const [one, two] = await Promise.all([metrics.render(), metrics.render()])
  expect(one).toBe(two)
  expect(await metrics.render()).toContain('nessus_active_scans 2\n')
})

test('what is gone from the state is gone from the next scrape', async () => {
  const metrics = makeMetrics()
  metrics.observeState(() => Promise.resolve(SNAPSHOT))
  await metrics.render()
  metrics.observeState(() => Promise.resolve({ ...SNAPSHOT, queues: [], scanners: [] }))
  const text = await metrics.render()
  expect(text).not.toContain('queue="dmz"')
  expect(text).not.toContain('scanner="dmz/a"')
})

test('when Redis cannot be read, the scrape still answers, says so, and shows no old state', async () => {
  const metrics = makeMetrics()
  metrics.observeState(() => Promise.resolve(SNAPSHOT))
  await metrics.render()
  metrics.observeState(() => Promise.reject(new Error('no answer')))
  metrics.apiRequestsTotal.inc({ tool: 'list_tasks', status: 'ok' })
  const lines = (await metrics.render()).split('\n')
  expect(lines).toContain('nessus_state_up 0')
  expect(lines).toContain('nessus_api_requests_total{tool="list_tasks",status="ok"} 1')
  expect(lines.filter((line) => line.startsWith('nessus_active_scans'))).toEqual([])
})

test('a process that reads no state claims none', async () => {
  const lines = (await makeMetrics().render()).split('\n')
  expect(lines.filter((line) => /^nessus_(active_scans|dlq_size|state_up)/.test(line))).toEqual([])
})

test('two sets of metrics in one process do not meet', async () => {
  const [one, two] = [makeMetrics({ runtime: true }), makeMetrics()]
  one.settlesTotal.inc({ outcome: 'settled' })
  expect(await one.render()).toContain('nodejs_eventloop_lag_seconds')
  expect(await one.render()).toContain('nessus_settles_total{outcome="settled"} 1')
  expect(await two.render()).not.toContain('nessus_settles_total{')
})
