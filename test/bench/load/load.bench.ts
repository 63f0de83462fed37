/**
 * What one Redis, one worker and one gateway hold. Absolute figures vary from
 * machine to machine; the growth from row to row is what matters.
 *
 *   npm run build && npx vitest run --config vitest.bench.config.ts test/bench/load
 *   SCANS=100000 RUNNING=10000 npx vitest run --config vitest.bench.config.ts test/bench/load
 *
 * Not measured: a scanner's own speed (the simulator answers at once), several hosts.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RedisBus } from '../../../lib/bus/redis/redis-bus.ts'
import { listScans } from '../../../lib/scan-work/show/list-scans.ts'
import { compileChange, restore } from '../../../lib/scans/change.ts'
import type { Scan } from '../../../lib/scans/record.ts'
import { scanKeys } from '../../../lib/scans/scan-keys.ts'
import { makeScans } from '../../../lib/scans/scans.ts'
import { makeFakeRegistry } from '../../support/fake-registry.ts'
import { startRedis, type TestRedis } from '../../support/redis.ts'

const SCANS = Number(process.env['SCANS'] ?? 100_000)
const ASKED = 200
const BATCH = 500

let redis: TestRedis
let bus: RedisBus
beforeAll(async () => {
  redis = await startRedis()
  bus = new RedisBus({ url: redis.url, name: 'load', consumer: 'bench' })
})
afterAll(async () => {
  await bus.close()
  await redis.stop()
})

const quantile = (values: readonly number[], q: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * q)]!

function finished(n: number): Scan {
  const at = new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString()
  const id = n.toString(16).padStart(8, '0')
  return {
    task_id: `ns_local_20260101_000000_${id}`,
    trace_id: id.repeat(4),
    revision: 9,
    status: 'completed',
    step: 'done',
    name: `Weekly scan ${n}`,
    description: 'made by the load benchmark',
    scan_type: n % 10 === 0 ? 'authenticated' : 'untrusted',
    schema_profile: 'brief',
    origin: 'created',
    targets: { text: `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`, count: 1, hosts: [] },
    template: 'basic',
    priority: 0,
    debug_mode: false,
    scanner_type: 'nessus',
    scanner_pool: n % 4 === 0 ? 'dmz' : 'nessus',
    scanner_instance: 'local',
    created_at: at,
    started_at: at,
    ended_at: at,
    results_summary: { hosts_scanned: 1, total_vulnerabilities: 3 },
    authentication_status: 'not_applicable',
    validation_warnings: [],
  }
}

test(`list_tasks over ${SCANS} finished scans, at any page`, async () => {
  const keys = scanKeys(bus.keys.prefix)
  for (let from = 0; from < SCANS; from += BATCH) {
    await Promise.all(
      Array.from({ length: Math.min(BATCH, SCANS - from) }, (_, i) =>
        bus.publish([], compileChange(restore(finished(from + i)), keys, bus.keys)),
      ),
    )
  }
  const sources = {
    scans: makeScans(bus.keyspace, keys),
    scanners: makeFakeRegistry([], { now: Date.now }),
    keyspace: bus.keyspace,
    scanKeys: keys,
  }
  const rows = []
  for (const [what, cursorAt] of [
    ['first page', SCANS],
    ['middle page', Math.floor(SCANS / 2)],
    ['last page', 60],
  ] as const) {
    const cursor = cursorAt === SCANS ? undefined : finished(cursorAt).task_id
    rows.push({ what, ...(await timed(() => listScans({ limit: 50, cursor }, sources))) })
  }
  rows.push({ what: 'by status', ...(await timed(() => listScans({ limit: 50, status: 'completed' }, sources))) })
  rows.push({ what: 'by pool', ...(await timed(() => listScans({ limit: 50, scanner_pool: 'dmz' }, sources))) })
  rows.push({
    what: 'by type',
    ...(await timed(() => listScans({ limit: 50, scan_type: 'authenticated' }, sources))),
  })
  console.table(rows)
  const memory = await bus.connection.call((client) => client.info('memory'))
  console.log(`Redis memory: ${/used_memory_human:(\S+)/.exec(memory)?.[1]} for ${SCANS} scans`)
  expect(rows).toHaveLength(6)
})

async function timed(ask: () => Promise<{ tasks: unknown[] }>) {
  const times: number[] = []
  let listed = 0
  for (let n = 0; n < ASKED; n++) {
    const startMs = performance.now()
    listed = (await ask()).tasks.length
    times.push(performance.now() - startMs)
  }
  return { listed, 'p50 ms': quantile(times, 0.5).toFixed(2), 'p99 ms': quantile(times, 0.99).toFixed(2) }
}
