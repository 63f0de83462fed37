import { text } from 'node:stream/consumers'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ScanRequest } from '../../../lib/client/scan-request.ts'
import { addCredentialOptions, type CredentialFlags, readCredentials } from './scan-credentials.ts'
import { showAccepted, type WaitFlags } from './show-accepted.ts'
import { clientCommand, type GatewayFlags, onGateway } from './client-command.ts'
import { secondsToMs, wholeNumber } from './option-values.ts'
import { ScanSetup } from '../../../lib/facts/scan-settings.ts'
import { PROFILE_NAMES, type ProfileName } from '../../../lib/facts/profiles.ts'

const NAME_CHARS_MAX = 200
const TYPES = {
  untrusted: 'untrusted',
  authenticated: 'authenticated',
  privileged: 'authenticated_privileged',
} as const

const SETTING_NAMES = Object.keys(ScanSetup.entries)

/** One more setting; `before` are those given so far. */
function setting(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=')
  const [name, value] = [text.slice(0, at).trim(), text.slice(at + 1).trim()]
  if (at > 0 && value !== '' && SETTING_NAMES.includes(name)) return { ...before, [name]: value }
  throw new InvalidArgumentError(`Expected name=value, the name one of ${SETTING_NAMES.join(', ')}.`)
}

interface ScanFlags extends GatewayFlags, CredentialFlags, WaitFlags {
  readonly name?: string
  readonly description?: string
  readonly pool?: string
  readonly scanner?: string
  readonly profile?: ProfileName
  readonly type?: keyof typeof TYPES
  readonly template?: string
  readonly policy?: string
  readonly set?: Readonly<Record<string, string>>
  readonly priority?: number
  readonly idempotent?: boolean
  readonly idempotencyKey?: string
}

const EXAMPLES = [
  'nessus-mcp scan 192.0.2.10 --wait',
  'nessus-mcp scan 10.0.0.0/24 db.example.org --name "Weekly" --pool dmz',
  'nessus-mcp scan 10.0.0.5 --credential linux-prod --type privileged --wait',
  'nessus-mcp scan 10.0.0.5 --username audit --password-stdin --elevate sudo < password.txt',
  'nessus-mcp scan 10.0.0.5 --policy Weekly --set port_range=1-1024 --set ping=false',
  'id=$(nessus-mcp scan 10.0.0.5)             piped, it prints nothing but the task id',
]

/** `nessus-mcp scan`: starts a scan, and with `--wait` follows it to its findings. */
export function scanCommand(): Command {
  const command = clientCommand('scan', 'start a scan', EXAMPLES)
    .argument('<targets...>', 'addresses, networks (10.0.0.0/24), ranges (10.0.0.1-20) and host names')
    .option('--name <text>', 'name of the scan (default: its targets)')
    .option('--description <text>', 'why it is made')
    .option('--wait', 'wait until it has ended, and show what was found')
    .option('--timeout <seconds>', 'give up waiting after so long; the scan goes on', secondsToMs)
    .option('--pool <name>', 'pool of scanners to use')
    .option('--scanner <instance>', 'insist on one scanner of the pool')
    .addOption(new Option('--type <type>', 'chosen by the credentials when left out').choices(Object.keys(TYPES)))
    .addOption(new Option('--profile <name>', 'fields that `results` returns by default').choices(PROFILE_NAMES))
    .option('--template <name>', 'scan template at the scanner, such as basic or discovery')
    .option('--policy <name>', 'policy saved at the scanner, by name or id, in place of a template')
    .option('--set <name=value>', `set of the scan: ${SETTING_NAMES.join(', ')}; may be given again`, setting)
    .option('--priority <number>', 'higher goes first in the queue: -10 to 10', wholeNumber)
    .option('--idempotent', 'the same request within 48 hours returns the first scan')
    .option('--idempotency-key <text>', 'the same, by a key of your own')
  return addCredentialOptions(command).action((targets: string[], flags: ScanFlags) =>
    onGateway(flags, async (context) => {
      const { client, signal } = context
      const request = await requestOf(targets, flags)
      return showAccepted(await client.submitScan(request, { signal }), flags, context)
    }),
  )
}

async function requestOf(targets: readonly string[], flags: ScanFlags): Promise<ScanRequest> {
  if (flags.idempotent && flags.idempotencyKey !== undefined) {
    throw new InvalidArgumentError('Give --idempotent or --idempotency-key, not both.')
  }
  const given = {
    description: flags.description,
    scanner_pool: flags.pool,
    scanner_instance: flags.scanner,
    schema_profile: flags.profile,
    template: flags.template,
    policy: flags.policy,
    // The gateway reads the words as the setting's kind.
    settings: flags.set,
    priority: flags.priority,
    idempotent: flags.idempotent,
    idempotency_key: flags.idempotencyKey,
    scan_type: flags.type === undefined ? undefined : TYPES[flags.type],
  }
  return {
    ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<ScanRequest>),
    ...(await readCredentials(flags, () => text(process.stdin))),
    targets,
    name: flags.name ?? targets.join(', ').slice(0, NAME_CHARS_MAX),
  }
}
