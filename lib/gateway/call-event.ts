/**
 * Makes the event of a tool call. Before anything is published the arguments are
 * held against the tool's schema, so that nothing the tool has no place for (a
 * misspelt `pasword`) ever lies in Redis; and secret ones are sealed: the event
 * carries a mask and the vault's reference.
 */
import { defined } from '../base/defined.ts'
import { type AuthMethod, type CredentialFieldName, NTLM_HASH } from '../facts/credential-fields.ts'
import { holdsPrivateKey, readPrivateKey } from '../facts/private-key.ts'
import type { CallSource } from './source-of.ts'
import * as v from 'valibot'
import { Refusal } from '../base/errors.ts'
import { isUnwieldy, JSON_DEPTH_MAX, JSON_VALUES_MAX } from '../base/json-depth.ts'
import { type BusEvent, newEvent } from '../bus/event.ts'
import type { Write } from '../bus/transaction.ts'
import { checkArguments } from '../runtime/check-arguments.ts'
import { readArguments } from '../runtime/read-arguments.ts'
import { REDACTED, type ToolDefinition } from '../runtime/tool.ts'
import type { ScanKeys } from '../scans/scan-keys.ts'
import type { Vault } from '../scans/vault.ts'
import { canonicalJson } from './canonical-json.ts'

/** Text of a call's arguments as JSON. */
const ARGUMENTS_CHARS_MAX = 1_048_576
/** A sealed value whose call was never taken up is dropped after so long; the scan that takes it keeps it. */
const SEALED_TTL_MS = 3_600_000

const PRIVATE_KEY = 'private_key' satisfies CredentialFieldName

export type CallArguments = Readonly<Record<string, unknown>>

export interface CallOrigin {
  /** The name of the caller's token. */
  readonly caller?: string | undefined
  /** The way it came in. */
  readonly source?: CallSource | undefined
  /** The `X-Idempotency-Key` header. */
  readonly idempotencyKey?: string | undefined
}

export interface CallEventDeps {
  readonly vault: Vault
  readonly scanKeys: ScanKeys
  /** A new name that nobody can guess. */
  readonly makeId: () => string
  /** SHA-256 of a text, keyed where there are secrets in it. */
  readonly digest: (text: string) => string
}

export interface SealedCall {
  readonly data: Readonly<Record<string, unknown>>
  /** What must be stored in the same step as the event is published. */
  readonly writes: readonly Write[]
}

/** Throws a Refusal when the arguments are too long, too deep or not the tool's, or the idempotency key is given twice and differs. */
export function sealCall(
  tool: Pick<ToolDefinition, 'name' | 'secrets' | 'arguments'>,
  given: CallArguments,
  origin: CallOrigin,
  { vault, scanKeys, makeId, digest }: CallEventDeps,
): SealedCall {
  // Before the hash is made: two spellings of one request are one request.
  const args = readArguments(tool.arguments, given)
  if (isUnwieldy(args)) {
    const depth = `expected arguments of at most ${JSON_VALUES_MAX} values, nested at most ${JSON_DEPTH_MAX} deep, got more`
    throw new Refusal('invalid_argument', `${tool.name}: ${depth}.`)
  }
  const text = canonicalJson({ tool: tool.name, arguments: { ...args, idempotency_key: undefined } })
  if (text.length > ARGUMENTS_CHARS_MAX) {
    const sizes = `${ARGUMENTS_CHARS_MAX} characters of JSON, got ${text.length}`
    throw new Refusal('too_large', `${tool.name}: expected arguments of at most ${sizes}. Split the request.`)
  }
  checkIdempotency(tool.name, args['idempotency_key'], origin.idempotencyKey)
  const data = {
    arguments: args,
    request_hash: digest(text),
    ...defined({ caller: origin.caller, source: origin.source, idempotency_key: origin.idempotencyKey }),
  }
  const secrets = tool.secrets.filter((name) => args[name] !== undefined && args[name] !== null)
  for (const name of secrets) checkSecret(tool, name, args[name])
  const mended = checkKeys(tool.name, args)
  if (secrets.length === 0) return { data, writes: [] }
  const ref = makeId()
  const pick = (value: (name: string) => unknown) => Object.fromEntries(secrets.map((name) => [name, value(name)]))
  const sealed = vault.seal(
    ref,
    pick((name) => mended.get(name) ?? args[name]),
  )
  return {
    data: { ...data, arguments: { ...args, ...pick(() => REDACTED) }, sealed: ref },
    writes: [['SET', scanKeys.vault(ref), sealed, 'PX', String(SEALED_TTL_MS)]],
  }
}

/**
 * Seals a call that fits its tool: what a gateway publishes. Throws a Refusal for whatever the tool has no place for,
 * as the tool itself would.
 */
export function prepareCall(
  tool: Pick<ToolDefinition, 'name' | 'secrets' | 'arguments'>,
  given: CallArguments,
  origin: CallOrigin,
  deps: CallEventDeps,
): SealedCall {
  const sealed = sealCall(tool, given, origin, deps)
  checkArguments(tool.name, tool.arguments, given)
  return sealed
}

/** A private key is found out here, and not after a scan: what is a key that lost its line ends is mended, all else refused. */
function checkKeys(tool: string, args: CallArguments): ReadonlyMap<string, string> {
  const key = args[PRIVATE_KEY]
  const refuse = (name: string, problem: string) => {
    throw new Refusal('invalid_argument', `${tool}: ${name}: ${problem}.`, { arguments: [name] })
  }
  // It is shown to whoever may read the scan, so a key must not stand in its place.
  if (holdsPrivateKey(args['certificate'])) refuse('certificate', 'expected a certificate, got a private key')
  // Beside a configured credential it is refused anyway, whatever it is.
  const hash = args['auth_method'] === ('windows hash' satisfies AuthMethod) ? args['password'] : undefined
  if (typeof hash === 'string' && !NTLM_HASH.test(hash)) {
    refuse('password', 'expected the NTLM hash of the password, 32 digits of hex, since auth_method is windows hash')
  }
  if (typeof key !== 'string' || args['credential'] !== undefined) return new Map()
  const read = readPrivateKey(key)
  if ('problem' in read) return refuse(PRIVATE_KEY, read.problem)
  if (read.encrypted && args['passphrase'] === undefined) {
    refuse('passphrase', 'expected the passphrase of private_key, since that is encrypted; got none')
  }
  return new Map([[PRIVATE_KEY, read.key]])
}

/** Past this point only its mask is seen, so a secret is checked here; what came is described, never repeated. */
function checkSecret(tool: Pick<ToolDefinition, 'name' | 'arguments'>, name: string, value: unknown): void {
  const schema = tool.arguments.entries[name]
  if (schema && v.safeParse(schema as v.GenericSchema, value).success) return
  const came = typeof value === 'string' ? `${value.length} characters` : `a ${typeof value}`
  throw new Refusal(
    'invalid_argument',
    `${tool.name}: ${name}: expected text that is neither empty nor too long, got ${came}`,
    {
      arguments: [name],
    },
  )
}

function checkIdempotency(tool: string, argument: unknown, header: string | undefined): void {
  if (typeof argument !== 'string' || header === undefined || argument === header) return
  throw new Refusal(
    'invalid_argument',
    `${tool}: idempotency_key is ${JSON.stringify(argument)}, but the X-Idempotency-Key header says ${JSON.stringify(header)}. Give one of them, or the same in both.`,
    { arguments: ['idempotency_key'] },
  )
}

interface CallEnvelope {
  readonly id: string
  readonly gateway: string
  readonly traceparent: string
  readonly now: Date
  /** How long the caller waits. */
  readonly timeoutMs: number
}

/** The envelope of a call to `tool` that `gateway` waits for. */
export function callEvent(
  tool: string,
  call: SealedCall,
  { id, gateway, traceparent, now, timeoutMs }: CallEnvelope,
): BusEvent {
  return newEvent({
    id,
    type: `tool.${tool}`,
    source: 'gateway',
    now,
    traceparent,
    expirytime: new Date(now.getTime() + timeoutMs).toISOString(),
    replyto: gateway,
    data: call.data,
  })
}
