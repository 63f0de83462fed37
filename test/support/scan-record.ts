import type { Scan } from '../../lib/scans/record.ts'
import { START_MS } from './world.ts'

export const TASK = 'ns_one_20260301_080000_00000001'

/** A queued scan of the pool `lab`, and whatever `patch` says. */
export function queuedScan(patch: Partial<Scan> = {}): Scan {
  const at = new Date(START_MS).toISOString()
  return {
    task_id: TASK,
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    revision: 1,
    status: 'queued',
    step: 'waiting',
    name: 'Weekly',
    description: '',
    scan_type: 'untrusted',
    schema_profile: 'brief',
    origin: 'created',
    targets: { text: '192.0.2.10', count: 1, hosts: ['192.0.2.10'] },
    template: 'basic',
    priority: 0,
    debug_mode: false,
    scanner_type: 'nessus',
    scanner_pool: 'lab',
    created_at: at,
    queued_at: at,
    ...patch,
  }
}

/** A scan that runs on `lab/one` and waits for the event `next`. */
export function runningScan(patch: Partial<Scan> = {}): Scan {
  const at = new Date(START_MS).toISOString()
  return queuedScan({
    status: 'running',
    step: 'creating',
    scanner_instance: 'one',
    started_at: at,
    next: 'next',
    ...patch,
  })
}

/** A scan that has ended at `lab/one`, completed unless `patch` says otherwise; it waits for nothing. */
export function endedScan(patch: Partial<Scan> = {}): Scan {
  const { next: _, ...scan } = runningScan({
    status: 'completed',
    step: 'done',
    ended_at: '2026-03-01T09:00:00.000Z',
    scanner_scan_id: 1,
    ...patch,
  })
  return scan
}
