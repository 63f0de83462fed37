/**
 * The tokens file: who may call. It holds hashes only, so that reading it gives
 * no access:
 *
 *   - name: laptop
 *     sha256: <64 hex digits>
 *     scopes: [scan:read, scan:run]
 *     expires: 2027-01-31
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import * as v from 'valibot'
import { parse } from 'yaml'
import { check } from '../../base/check.ts'
import { PermanentError } from '../../base/errors.ts'
import { type Identity, impliedScopes, SCOPES } from './identity.ts'

const TOKENS_MAX = 10_000

const Token = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[\w.@-]{1,64}$/, 'expected 1 to 64 letters, digits and . _ @ -')),
  sha256: v.pipe(v.string(), v.toLowerCase(), v.regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits')),
  scopes: v.pipe(v.array(v.picklist(SCOPES)), v.minLength(1)),
  /** A day or a moment; the token is refused from then on. */
  expires: v.optional(
    v.pipe(
      v.string(),
      v.check((text) => !Number.isNaN(Date.parse(text)), 'expected a date such as 2027-01-31'),
    ),
  ),
})
const Tokens = v.pipe(v.array(Token), v.maxLength(TOKENS_MAX))
/** The list may stand alone or under `tokens`. */
const Wrapped = v.object({ tokens: v.unknown() })

export interface TokenEntry {
  readonly identity: Identity
  readonly hash: Buffer
  readonly expiresMs: number
}

/** Reads the text of a tokens file, YAML or JSON. Throws PermanentError that says what is wrong with which entry. */
export function readTokens(text: string, file: string): readonly TokenEntry[] {
  let value: unknown
  try {
    // As text, so that a date stays what was written and a hash of digits is no number.
    value = parse(text, { schema: 'failsafe' })
  } catch (cause) {
    throw new PermanentError(`${file}: expected YAML or JSON, got what cannot be read`, { cause })
  }
  const tokens = check(Tokens, v.is(Wrapped, value) ? value.tokens : value, file)
  const twice = tokens.find((token, at) => tokens.findIndex(({ name }) => name === token.name) !== at)
  if (twice) throw new PermanentError(`${file}: expected each name once, got ${twice.name} twice`)
  return tokens.map(({ name, sha256, scopes, expires }) => ({
    identity: { name, scopes: impliedScopes(scopes) },
    hash: Buffer.from(sha256, 'hex'),
    expiresMs: expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires),
  }))
}

export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/** The entry of `token`; every entry is compared, in constant time, so that the time taken tells nothing. */
export function findToken(tokens: readonly TokenEntry[], token: string): TokenEntry | undefined {
  const hash = hashToken(token)
  let found: TokenEntry | undefined
  for (const entry of tokens) {
    if (timingSafeEqual(entry.hash, hash)) found = entry
  }
  return found
}
