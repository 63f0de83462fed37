import { Command } from 'commander'
import { PermanentError } from '../../../lib/base/errors.ts'
import { serveMetrics } from '../../../lib/observe/metrics-server.ts'
import { startWorker } from '../../processes/worker.ts'
import { runUntilStopped } from './run-until-stopped.ts'

const EXAMPLES = `
Examples:
  nessus-mcp worker                            hosts every function
  nessus-mcp worker --functions tools          answers tool calls only
  nessus-mcp worker --functions poll,export    hosts these two

Start as many as you like, on as many machines as share Redis (REDIS_URL) and the data directory (DATA_DIR).`

/** `nessus-mcp worker`: the dispatcher and its functions. */
export function workerCommand(): Command {
  return new Command('worker')
    .description('run a worker: it answers tool calls and carries scans through their steps')
    .option('--functions <names>', 'host only these, separated by commas; `tools` and `steps` stand for groups')
    .addHelpText('after', EXAMPLES)
    .action((flags: { functions?: string }) =>
      runUntilStopped(async ({ settings, log, metrics }) => {
        if (settings.redisUrl === undefined) throw new PermanentError(NO_REDIS)
        const functions = flags.functions?.split(',').map((name) => name.trim()) ?? settings.functions
        const { redisUrl, metricsPort, host } = settings
        const worker = await startWorker({ settings: { ...settings, functions }, redisUrl, metrics, log })
        if (metricsPort === undefined) return worker
        const server = await serveMetrics({ host, port: metricsPort, metrics, health: () => worker.health() })
        return {
          reload: () => worker.reload(),
          close: () => Promise.all([worker.close(), server.close()]).then(() => {}),
        }
      }),
    )
}

export const NO_REDIS =
  'REDIS_URL: expected the address of a Redis 7 or Valkey 8, like redis://localhost:6379, got none. (`nessus-mcp up` runs a private one.)'
