import { Command } from 'commander'
import { PermanentError } from '../../../lib/base/errors.ts'
import { startGateway } from '../../processes/gateway.ts'
import { runUntilStopped } from './run-until-stopped.ts'
import { NO_REDIS } from './worker.ts'

const EXAMPLES = `
Examples:
  REDIS_URL=redis://localhost:6379 nessus-mcp gateway
  PORT=9000 AUTH_TOKENS_FILE=tokens.yaml HOST=0.0.0.0 nessus-mcp gateway`

/** `nessus-mcp gateway`: the way in, for agents, scripts and people. */
export function gatewayCommand(): Command {
  return new Command('gateway')
    .description('run a gateway: MCP at /mcp, plain HTTP at /tools/<name>, /health and /metrics')
    .addHelpText('after', EXAMPLES)
    .action(() =>
      runUntilStopped(async ({ settings, log, metrics }) => {
        if (settings.redisUrl === undefined) throw new PermanentError(NO_REDIS)
        const gateway = await startGateway({ settings, redisUrl: settings.redisUrl, metrics, log })
        log.info('gateway listens', { url: gateway.url })
        return gateway
      }),
    )
}
