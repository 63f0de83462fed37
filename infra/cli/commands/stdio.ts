import { Command } from 'commander'
import { readToolsets, TOOLSET_NAMES } from '../../../lib/runtime/toolset.ts'
import { startAllForStdio } from '../../processes/up.ts'
import { runUntilStopped } from './run-until-stopped.ts'

const EXAMPLES = `
Examples:
  nessus-mcp stdio                                  on a running \`nessus-mcp up\`, or all by itself
  REDIS_URL=redis://localhost:6379 nessus-mcp stdio   on the workers of an installation
  nessus-mcp stdio --toolset all                    lists every tool

In the configuration of a desktop client:
  { "mcpServers": { "nessus": { "command": "npx", "args": ["nessus-mcp", "stdio"], "env": { "DATA_DIR": "/path/to/data" } } } }`

/** `nessus-mcp stdio`: MCP over standard input and output. The log goes to standard error. */
export function stdioCommand(): Command {
  return new Command('stdio')
    .description('serve MCP over standard input and output, for desktop clients')
    .option('--scan-seconds <number>', 'how long a simulated scan takes', Number, 20)
    .option('--toolset <names>', `which tools are listed: ${TOOLSET_NAMES}, with commas between`, 'default')
    .addHelpText('after', EXAMPLES)
    .action(({ toolset, ...flags }: { scanSeconds: number; toolset: string }) =>
      runUntilStopped((surroundings) => {
        const toolsets = readToolsets(toolset)
        // A client ends its server by closing the pipe.
        process.stdin.once('end', () => process.kill(process.pid, 'SIGTERM'))
        return startAllForStdio(surroundings, { ...flags, toolsets })
      }),
    )
}
