import type { Command } from 'commander'
import { PermanentError } from '../../../lib/base/errors.ts'
import { clientCommand, type GatewayFlags, onGateway } from './client-command.ts'

const EXAMPLES = [
  'nessus-mcp call                                 lists the tools',
  'nessus-mcp call summarize_scan \'{"task_id":"ns_local_20261121_093000_1f2e3d4c"}\'',
  'nessus-mcp call search_findings \'{"cve":"CVE-2021-44228"}\' | jq .total',
]

/** `nessus-mcp call`: any tool of the gateway by its own name and arguments. */
export function callCommand(): Command {
  return clientCommand('call', 'call any tool by its name; without one, list the tools', EXAMPLES)
    .argument('[tool]', 'the tool')
    .argument('[arguments]', 'its arguments as a JSON object')
    .action((tool: string | undefined, json: string | undefined, flags: GatewayFlags) =>
      onGateway(flags, async ({ client, output, signal }) => {
        if (tool === undefined) {
          const tools = await client.listTools({ signal })
          if (output.json) return output.writeJson(tools)
          return output.writeTable(
            [
              { title: 'tool', value: ({ name }) => name },
              { title: 'does', value: ({ title }) => title },
            ],
            tools,
          )
        }
        const answer = await client.callTool(tool, readArguments(json), { signal })
        if (typeof answer === 'string') output.write(`${answer}\n`)
        else if (output.terminal) output.write(`${JSON.stringify(answer, undefined, 2)}\n`)
        else output.writeJson(answer)
      }),
    )
}

function readArguments(json = '{}'): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Told below: what came is no JSON at all.
  }
  throw new PermanentError(`arguments: expected a JSON object such as {"limit": 10}, got ${json.slice(0, 60)}`)
}
