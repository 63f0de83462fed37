import { defined } from '../../../lib/base/defined.ts'
import type { Command } from 'commander'
import { clientCommand, type GatewayFlags, onGateway } from './client-command.ts'
import { wholeNumber } from './option-values.ts'

const EXAMPLES = [
  'nessus-mcp policies',
  'nessus-mcp policies --scanner one --filter weekly',
  "nessus-mcp policies --json | jq '.policies[] | select(.usable) | .name'",
]

interface PolicyFlags extends GatewayFlags {
  readonly pool?: string
  readonly scanner?: string
  readonly filter?: string
  readonly limit?: number
}

/** `nessus-mcp policies`: what people have saved at a scanner, for `scan --policy`. */
export function policiesCommand(): Command {
  return clientCommand('policies', 'list the policies saved at a scanner, for scan --policy', EXAMPLES)
    .option('--pool <name>', 'the pool of the scanner')
    .option('--scanner <instance>', 'the scanner; needed only where there are several')
    .option('--filter <text>', 'only those whose name has this text')
    .option('--limit <number>', 'how many (default: 50)', wholeNumber)
    .action((flags: PolicyFlags) =>
      onGateway(flags, async ({ client, output, signal }) => {
        const { pool, scanner, filter, limit } = flags
        const query = defined({ scanner_pool: pool, scanner_instance: scanner, name_filter: filter, limit })
        const answer = await client.listPolicies(query, { signal })
        if (output.json) return output.writeJson(answer)
        output.writeTable(
          [
            { title: 'id', value: (policy) => policy.policy_id, align: 'right' },
            { title: 'name', value: (policy) => policy.name },
            { title: 'template', value: (policy) => policy.template },
            { title: 'owner', value: (policy) => policy.owner },
            { title: 'usable', value: (policy) => (policy.usable ? 'yes' : (policy.problem ?? 'no')) },
          ],
          answer.policies,
        )
        const more = answer.total - answer.policies.length
        if (more > 0) output.note(`${more} more; see --limit and --filter.`)
        if (answer.total === 0) output.note(`Scanner ${answer.scanner_instance} shows no such policy to its account.`)
      }),
    )
}
