import { Command } from 'commander'
import { startAllForStdio } from '../../processes/up.ts'
import { runUntilStopped } from './run-until-stopped.ts'

const EXAMPLES = `
Examples:
  nessus-mcp stdio                                  on a running \`nessus-mcp up\`, or all by itself
  REDIS_URL=redis://localhost:6379 nessus-mcp stdio   on the workers of an installation

In the configuration of a desktop client:
  { "mcpServers": { "nessus": { "command": "npx", "args": ["nessus-mcp", "stdio"], "env": { "DATA_DIR": "/path/to/data" } } } }`

/** `nessus-mcp stdio`: MCP over standard input and output. The log goes to standard error. */
export function stdioCommand(): Command {
  return new Command('stdio')
    .description('serve MCP over standard input and output, for desktop clients')
    .option('--scan-seconds <number>', 'how long a simulated scan takes', Number, 20)
    .addHelpText('after', EXAMPLES)
    .action((flags: { scanSeconds: number }) =>
      runUntilStopped((surroundings) => {
        // A client ends its server by closing the pipe.
        process.stdin.once('end', () => process.kill(process.pid, 'SIGTERM'))
        return startAllForStdio(surroundings, flags)
      }),
    )
}
