import type { Command } from 'commander'
import { defined } from '../../../lib/base/defined.ts'
import { clientCommand, type GatewayFlags, onGateway } from './client-command.ts'
import { oneMore, secondsToMs, wholeNumber } from './option-values.ts'
import { showAccepted, type WaitFlags } from './show-accepted.ts'

interface RelaunchFlags extends GatewayFlags, WaitFlags {
  readonly targets?: readonly string[]
  readonly name?: string
  readonly credential?: string
  readonly alsoCredential?: readonly string[]
  readonly pool?: string
  readonly scanner?: string
  readonly priority?: number
  readonly idempotencyKey?: string
}

const EXAMPLES = [
  'nessus-mcp relaunch ns_one_20260301_080000_0a1b2c3d --wait',
  'nessus-mcp relaunch ns_one_20260301_080000_0a1b2c3d --targets 10.0.0.7 10.0.0.8',
  'nessus-mcp relaunch ns_one_20260301_080000_0a1b2c3d --credential linux-prod',
]

/** `nessus-mcp relaunch`: a scan of ours once more, as a new one. */
export function relaunchCommand(): Command {
  return clientCommand('relaunch', 'repeat a scan that we ran, as a new one', EXAMPLES)
    .argument('<task-id>', 'the scan to repeat; it must have ended')
    .option('--targets <targets...>', 'others than it had')
    .option('--name <text>', 'name of the new scan (default: that of the first)')
    .option('--credential <name>', 'configured credential to log in with (default: the one it had)')
    .option('--also-credential <name>', 'and, where that fails, with this one; may be given again', oneMore)
    .option('--pool <name>', 'another pool of scanners')
    .option('--scanner <instance>', 'insist on one scanner of the pool')
    .option('--priority <number>', 'higher goes first in the queue: -10 to 10', wholeNumber)
    .option('--idempotency-key <text>', 'the same key within 48 hours returns the first answer')
    .option('--wait', 'wait until it has ended, and show what was found')
    .option('--timeout <seconds>', 'give up waiting after so long; the scan goes on', secondsToMs)
    .action((taskId: string, flags: RelaunchFlags) =>
      onGateway(flags, async (context) => {
        const asked = defined({
          targets: flags.targets?.join(','),
          name: flags.name,
          credential: flags.credential,
          more_credentials: flags.alsoCredential === undefined ? undefined : [...flags.alsoCredential],
          scanner_pool: flags.pool,
          scanner_instance: flags.scanner,
          priority: flags.priority,
          idempotency_key: flags.idempotencyKey,
        })
        const accepted = await context.client.relaunchScan({ task_id: taskId, ...asked }, { signal: context.signal })
        return showAccepted(accepted, flags, context)
      }),
    )
}
