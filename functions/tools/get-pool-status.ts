/**
 * MCP tool `get_pool_status`: how busy a pool and each of its scanners is.
 *
 *   tool.get_pool_status → get_pool_status
 *
 * Safe to run twice: it reads.
 */
import * as v from 'valibot'
import { PoolArgument, poolNamed } from '../../lib/scan-work/start/pool-argument.ts'
import { ScannerRow, scannerRows } from '../../lib/scan-work/show/scanner-rows.ts'
import { tool } from '../../lib/runtime/tool.ts'

export default tool({
  name: 'get_pool_status',
  title: 'Status of a scanner pool',
  description:
    'How busy a pool is: capacity and running scans of all its scanners and of each, scans waiting, dead letters (steps given up, for an ' +
    'operator). Why is a scan not starting?',
  toolset: 'scanners',
  nature: 'reads',
  arguments: v.object({ scanner_pool: PoolArgument }),
  output: v.object({
    scanner_pool: v.string(),
    total_scanners: v.number(),
    total_capacity: v.number(),
    total_active: v.number(),
    available_capacity: v.number(),
    utilization_pct: v.number(),
    queue_depth: v.number(),
    dead_letters: v.number(),
    scanners: v.array(ScannerRow),
  }),
  emits: {},
  slow: true,

  async run({ scanner_pool }, context) {
    const pool = poolNamed(scanner_pool, context.scanners)
    const entries = context.scanners.entries().filter((entry) => entry.pool === pool)
    const scanners = await scannerRows(entries, context)
    const enabled = scanners.filter((row) => row.enabled)
    const capacity = enabled.reduce((sum, row) => sum + row.max_concurrent_scans, 0)
    const active = scanners.reduce((sum, row) => sum + row.active_scans, 0)
    const result = {
      scanner_pool: pool,
      total_scanners: enabled.length,
      total_capacity: capacity,
      total_active: active,
      available_capacity: Math.max(0, capacity - active),
      utilization_pct: capacity === 0 ? 0 : Math.round((100 * active) / capacity),
      queue_depth: await context.scans.queueDepth(
        pool,
        entries.map(({ instanceId }) => instanceId),
      ),
      dead_letters: await context.keyspace.length(context.busKeys.dead),
      scanners,
    }
    return { reply: { result } }
  },
})
