/**
 * The credential options of `scan`, one for each field of the table. Secrets come from files or standard input: a command
 * line is seen by every user of the machine.
 */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { PermanentError } from '../../../lib/base/errors.ts'
import type { ScanRequest } from '../../../lib/client/scan-request.ts'
import {
  AUTH_METHOD_NEEDS,
  AUTH_METHODS,
  type AuthMethod,
  CREDENTIAL_FIELD_NAMES,
  CREDENTIAL_FIELDS,
  type CredentialFieldName,
  type CredentialValues,
  DEFAULT_AUTH_METHOD,
} from '../../../lib/facts/credential-fields.ts'
import { CREDENTIAL_SETTING_NAMES, CREDENTIAL_SETTINGS } from '../../../lib/facts/credential-settings.ts'
import { readSecretFile } from './client-command.ts'
import { oneMore } from './option-values.ts'

/** By the names that commander makes of the options. */
export interface CredentialFlags {
  readonly credential?: string
  readonly alsoCredential?: readonly string[]
  readonly passwordStdin?: boolean
}

const STDIN = '--password-stdin'
const OPTIONS = CREDENTIAL_FIELD_NAMES.map((name) => [name, optionOf(name)] as const)
const SETTINGS = CREDENTIAL_SETTING_NAMES.map((name) => {
  const setting = CREDENTIAL_SETTINGS[name]
  const option = new Option(setting.option, setting.help)
  return [name, 'portMax' in setting ? option.argParser((text) => port(text, setting.portMax)) : option] as const
})

function optionOf(name: CredentialFieldName): Option {
  const field = CREDENTIAL_FIELDS[name]
  const option = new Option(field.option, field.help)
  if (name === 'auth_method') return option.choices(AUTH_METHODS)
  return 'portMax' in field ? option.argParser((text) => port(text, field.portMax)) : option
}

function port(text: string, max: number): number {
  if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= max) return Number(text)
  throw new InvalidArgumentError(`Expected a port, 1 to ${max}.`)
}

export function addCredentialOptions(command: Command): Command {
  command.option('--credential <name>', 'log in with this configured credential')
  command.option('--also-credential <name>', 'and, where that fails, with this one; may be given again', oneMore)
  for (const [name, option] of OPTIONS) {
    command.addOption(option)
    if (name === 'password') command.option(STDIN, 'read its password from standard input')
  }
  for (const [, option] of SETTINGS) command.addOption(option)
  return command
}

/** The part of a scan request that the flags stand for; `readStdin` is called for `--password-stdin` only. */
export async function readCredentials(
  flags: CredentialFlags,
  readStdin: () => Promise<string>,
): Promise<Partial<ScanRequest>> {
  const values = flags as Readonly<Record<string, unknown>>
  const asked = OPTIONS.filter(([, option]) => values[option.attributeName()] !== undefined)
  const logsIn = flags.credential !== undefined || asked.some(([name]) => name === 'username')
  const settings = SETTINGS.flatMap(([name, option]) => {
    const value = values[option.attributeName()]
    return value === undefined ? [] : [[name, value]]
  })
  if (!logsIn && (asked.length > 0 || settings.length > 0 || flags.passwordStdin)) {
    throw new PermanentError(
      'Give --username or --credential with the other login options: without one the scan does not log in.',
    )
  }
  const given: Partial<Record<CredentialFieldName, unknown>> = {}
  for (const [name, option] of asked) given[name] = valueOf(name, option, values[option.attributeName()])
  if (flags.passwordStdin) {
    if (given.password !== undefined) throw new PermanentError(`Give --password-file or ${STDIN}, not both.`)
    given.password = await passwordFrom(readStdin)
  }
  given.auth_method ??= methodFor(given)
  if (flags.credential === undefined && logsIn) requireAll(given as CredentialValues)
  // The gateway checks the words themselves, and says which there are.
  const request = {
    ...given,
    ...Object.fromEntries(settings),
    credential: flags.credential,
    more_credentials: flags.alsoCredential,
  }
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined)) as Partial<ScanRequest>
}

function valueOf(name: CredentialFieldName, option: Option, value: unknown): unknown {
  const long = option.long ?? ''
  return long.endsWith('-file') ? readSecretFile(String(value), long, CREDENTIAL_FIELDS[name].charsMax) : value
}

/** A key says by itself how it is used. */
function methodFor(given: Partial<Record<CredentialFieldName, unknown>>): AuthMethod | undefined {
  if (given.private_key === undefined) return undefined
  return given.certificate === undefined ? 'public key' : 'certificate'
}

/** Said here in the words of the options; the gateway would say it in those of its arguments. */
function requireAll(given: CredentialValues): void {
  const method = given.auth_method ?? DEFAULT_AUTH_METHOD
  const missing = AUTH_METHOD_NEEDS[method].filter((name) => given[name] === undefined)
  if (missing.length === 0) return
  const options = missing.map((name) => {
    const { long = '' } = optionOf(name)
    return name === 'password' ? `${long} or ${STDIN}` : long
  })
  throw new PermanentError(`Give ${options.join(', ')}: --auth-method ${JSON.stringify(method)} needs it.`)
}

async function passwordFrom(readStdin: () => Promise<string>): Promise<string> {
  const password = (await readStdin()).replace(/\r?\n$/, '')
  const { charsMax } = CREDENTIAL_FIELDS.password
  if (password === '' || password.length > charsMax) {
    throw new PermanentError(`${STDIN}: expected a password of 1 to ${charsMax} characters, got ${password.length}`)
  }
  return password
}
