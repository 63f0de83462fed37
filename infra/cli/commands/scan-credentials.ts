/** The credential options of `scan`. Secrets come from files or standard input: a command line is seen by every user of the machine. */
import { type Command, Option } from 'commander'
import { PermanentError } from '../../../lib/base/errors.ts'
import type { ScanRequest } from '../../../lib/client/scan-request.ts'
import { readSecretFile } from './client-command.ts'

export interface CredentialFlags {
  readonly credential?: string
  readonly username?: string
  readonly passwordFile?: string
  readonly passwordStdin?: boolean
  readonly authMethod?: string
  readonly privateKeyFile?: string
  readonly passphraseFile?: string
  readonly domain?: string
  readonly elevate?: string
  readonly escalationAccount?: string
  readonly escalationPasswordFile?: string
}

const PASSWORD_CHARS_MAX = 1024
const KEY_CHARS_MAX = 32_768
const AUTH_METHODS = ['password', 'public key', 'certificate', 'Kerberos', 'windows password']

export function addCredentialOptions(command: Command): Command {
  return command
    .option('--credential <name>', 'log in with this configured credential')
    .option('--username <name>', 'log in with this account')
    .option('--password-file <file>', 'file that holds its password')
    .option('--password-stdin', 'read its password from standard input')
    .addOption(new Option('--auth-method <method>', 'how to log in').choices(AUTH_METHODS))
    .option('--private-key-file <file>', 'SSH private key, for public key')
    .option('--passphrase-file <file>', 'file that holds the passphrase of the key')
    .option('--domain <name>', 'Windows domain')
    .option('--elevate <method>', 'become root by sudo, su, su+sudo, dzdo, pbrun …')
    .option('--escalation-account <name>', 'account to become (default: root)')
    .option('--escalation-password-file <file>', 'file that holds the password for that')
}

/** The part of a scan request that the flags stand for; `readStdin` is called for `--password-stdin` only. */
export async function readCredentials(
  flags: CredentialFlags,
  readStdin: () => Promise<string>,
): Promise<Partial<ScanRequest>> {
  if (flags.passwordFile !== undefined && flags.passwordStdin) {
    throw new PermanentError('Give --password-file or --password-stdin, not both.')
  }
  const login = flags.username ?? flags.credential
  const asked = Object.keys(flags).filter((name) => LOGIN_FLAGS.has(name))
  if (login === undefined && asked.length > 0) {
    throw new PermanentError(
      'Give --username or --credential with the other login options: without one the scan does not log in.',
    )
  }
  const secret = (file: string | undefined, option: string, max: number) =>
    file === undefined ? undefined : readSecretFile(file, option, max)
  const given = {
    credential: flags.credential,
    username: flags.username,
    password: flags.passwordStdin
      ? await passwordFrom(readStdin)
      : secret(flags.passwordFile, '--password-file', PASSWORD_CHARS_MAX),
    auth_method: flags.authMethod ?? (flags.privateKeyFile === undefined ? undefined : 'public key'),
    private_key: secret(flags.privateKeyFile, '--private-key-file', KEY_CHARS_MAX),
    passphrase: secret(flags.passphraseFile, '--passphrase-file', PASSWORD_CHARS_MAX),
    domain: flags.domain,
    elevate_privileges_with: flags.elevate,
    escalation_account: flags.escalationAccount,
    escalation_password: secret(flags.escalationPasswordFile, '--escalation-password-file', PASSWORD_CHARS_MAX),
  }
  // The gateway checks the words themselves, and says which there are.
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<ScanRequest>
}

const LOGIN_FLAGS = new Set([
  'passwordFile',
  'passwordStdin',
  'authMethod',
  'privateKeyFile',
  'passphraseFile',
  'domain',
  'elevate',
  'escalationAccount',
  'escalationPasswordFile',
])

async function passwordFrom(readStdin: () => Promise<string>): Promise<string> {
  const password = (await readStdin()).replace(/\r?\n$/, '')
  if (password === '' || password.length > PASSWORD_CHARS_MAX) {
    throw new PermanentError(
      `--password-stdin: expected a password of 1 to ${PASSWORD_CHARS_MAX} characters, got ${password.length}`,
    )
  }
  return password
}
