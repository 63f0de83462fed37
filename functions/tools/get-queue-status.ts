/**
 * MCP tool `get_queue_status`: the scans that wait for a scanner.
 *
 *   tool.get_queue_status → get_queue_status
 *
 * Safe to run twice: it reads.
 */
import * as v from 'valibot'
import { PoolArgument, poolNamed } from '../../lib/scan-work/start/pool-argument.ts'
import { tool } from '../../lib/runtime/tool.ts'

const SHOWN = 10

export default tool({
  name: 'get_queue_status',
  title: 'Queue of a pool',
  description:
    'Scans waiting for a scanner of a pool: count, the next ones (id, name, since), the longest wait, dead letters.',
  toolset: 'scanners',
  nature: 'reads',
  arguments: v.object({ scanner_pool: PoolArgument }),
  output: v.object({
    scanner_pool: v.string(),
    queue_depth: v.number(),
    oldest_wait_seconds: v.nullable(v.number()),
    dead_letters: v.number(),
    next_scans: v.array(
      v.object({
        position: v.number(),
        task_id: v.string(),
        name: v.string(),
        priority: v.number(),
        pinned_instance: v.nullable(v.string()),
        waiting_seconds: v.number(),
      }),
    ),
    /** Scans among the next whose record cannot be read: they are passed over. Absent when there are none. */
    unreadable: v.optional(v.array(v.object({ task_id: v.string(), problem: v.string() }))),
  }),
  emits: {},

  async run({ scanner_pool }, { scanners, scans, keyspace, busKeys, now }) {
    const pool = poolNamed(scanner_pool, scanners)
    const instances = scanners.entries().flatMap((entry) => (entry.pool === pool ? [entry.instanceId] : []))
    const { scans: heads, unreadable } = await scans.queueHeads(pool, instances, SHOWN)
    const waitedSeconds = (since: string) => Math.max(0, Math.round((now.getTime() - Date.parse(since)) / 1000))
    const oldest = await scans.oldestWaiting(pool)
    const result = {
      scanner_pool: pool,
      queue_depth: await scans.queueDepth(pool, instances),
      oldest_wait_seconds: oldest === undefined ? null : waitedSeconds(oldest.created_at),
      dead_letters: await keyspace.length(busKeys.dead),
      next_scans: heads.map((scan, index) => ({
        position: index + 1,
        task_id: scan.task_id,
        name: scan.name,
        priority: scan.priority,
        pinned_instance: scan.pinned_instance ?? null,
        waiting_seconds: waitedSeconds(scan.created_at),
      })),
      ...(unreadable.length > 0 && {
        unreadable: unreadable.map(({ taskId, problem }) => ({ task_id: taskId, problem })),
      }),
    }
    return { reply: { result } }
  },
})
