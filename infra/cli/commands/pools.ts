import type { Command } from 'commander'
import { clientCommand, type GatewayFlags, onGateway } from './client-command.ts'

const EXAMPLES = ['nessus-mcp pools', 'nessus-mcp pools --json']

/** `nessus-mcp pools`: the pools, the default one first, and how much each can take. */
export function poolsCommand(): Command {
  return clientCommand('pools', 'list pools: scanners, capacity, and what waits', EXAMPLES).action(
    (flags: GatewayFlags) =>
      onGateway(flags, async ({ client, output, signal }) => {
        const { pools, default_pool: first } = await client.listPools({}, { signal })
        const rows = await Promise.all(
          pools.map(async (pool) => {
            const { queue_depth, oldest_wait_seconds } = await client.getQueueStatus(
              { scanner_pool: pool.scanner_pool },
              { signal },
            )
            return { ...pool, queue_depth, oldest_wait_seconds, default: pool.scanner_pool === first }
          }),
        )
        if (output.json) return output.writeJson({ pools: rows, default_pool: first })
        output.writeTable(
          [
            { title: 'pool', value: (pool) => pool.scanner_pool },
            { title: 'scanners', value: (pool) => pool.scanners, align: 'right' },
            { title: 'capacity', value: (pool) => pool.capacity, align: 'right' },
            { title: 'waiting', value: (pool) => pool.queue_depth, align: 'right' },
            { title: 'default', value: (pool) => (pool.default ? 'yes' : '') },
          ],
          rows,
        )
        if (rows.length === 0) output.note('No pools: no scanner is configured.')
      }),
  )
}
