/**
 * MCP tool `list_pools`: the pools scanners are grouped in.
 *
 *   tool.list_pools → list_pools
 *
 * Safe to run twice: it reads.
 */
import * as v from 'valibot'
import { tool } from '../../lib/runtime/tool.ts'

export default tool({
  name: 'list_pools',
  title: 'List scanner pools',
  description: 'Pools that scanners are grouped in, their size, and the default one.',
  toolset: 'scanners',
  nature: 'reads',
  arguments: v.object({}),
  output: v.object({
    pools: v.array(v.object({ scanner_pool: v.string(), scanners: v.number(), capacity: v.number() })),
    default_pool: v.nullable(v.string()),
  }),
  emits: {},

  async run(_args, { scanners }) {
    const pools = scanners.pools().map((pool) => {
      const enabled = scanners.entries().filter((entry) => entry.pool === pool && entry.enabled)
      const capacity = enabled.reduce((sum, entry) => sum + entry.maxConcurrentScans, 0)
      return { scanner_pool: pool, scanners: enabled.length, capacity }
    })
    return { reply: { result: { pools, default_pool: pools[0]?.scanner_pool ?? null } } }
  },
})
