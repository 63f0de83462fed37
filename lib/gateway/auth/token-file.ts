/**
 * The tokens file: who may call. It holds hashes only, so that reading it gives
 * no access:
 *
 *   - name: laptop
 *     sha256: <64 hex digits>
 *     scopes: [scan:read, scan:run]
 *     expires: 2027-01-31
 *     toolset: all
 *
 * A file without entries (empty, comments only, an empty list) is sound: it lets nobody in.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import * as v from 'valibot'
import { parse } from 'yaml'
import { check } from '../../base/check.ts'
import { PermanentError } from '../../base/errors.ts'
import { isToolsets, readToolsets, TOOLSET_NAMES } from '../../runtime/toolset.ts'
import { type Identity, impliedScopes, SCOPES } from './identity.ts'

const TOKENS_MAX = 10_000

const Token = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[\w.@-]{1,64}$/, 'expected 1 to 64 letters, digits and . _ @ -')),
  sha256: v.pipe(v.string(), v.toLowerCase(), v.regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits')),
  scopes: v.pipe(v.array(v.picklist(SCOPES)), v.minLength(1)),
  /** A day or a moment, in UTC where it names no zone; the token is refused from then on. */
  expires: v.optional(
    v.pipe(
      v.string(),
      v.check((text) => momentOf(text) !== undefined, 'expected a date such as 2027-01-31, or 2027-01-31T18:00:00Z'),
    ),
  ),
  /** Which tools are listed to it, for clients whose URL cannot ask. */
  toolset: v.optional(v.pipe(v.string(), v.check(isToolsets, `expected ${TOOLSET_NAMES}, with commas between`))),
})
const Tokens = v.pipe(v.array(Token), v.maxLength(TOKENS_MAX))
/** The list may stand alone or under `tokens`. */
const Wrapped = v.strictObject({ tokens: v.optional(v.unknown()) })

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
  const list = v.is(Wrapped, value) ? value.tokens : value
  const tokens = check(Tokens, saysNothing(list) ? [] : list, file)
  const twice = tokens.find((token, at) => tokens.findIndex(({ name }) => name === token.name) !== at)
  if (twice) throw new PermanentError(`${file}: expected each name once, got ${twice.name} twice`)
  const same = tokens.find((token, at) => tokens.findIndex(({ sha256 }) => sha256 === token.sha256) !== at)
  // Taken away under one name, it would go on under the other.
  if (same) throw new PermanentError(`${file}: expected each token once, got the one of ${same.name} under two names`)
  return tokens.map(({ name, sha256, scopes, expires, toolset }) => ({
    identity: {
      name,
      scopes: impliedScopes(scopes),
      ...(toolset !== undefined && { toolsets: readToolsets(toolset) }),
    },
    hash: Buffer.from(sha256, 'hex'),
    expiresMs: expires === undefined ? Number.POSITIVE_INFINITY : momentOf(expires)!,
  }))
}

/** No document, no value: what is left of a list whose last entry was taken away. */
function saysNothing(list: unknown): boolean {
  return list === undefined || list === null || list === ''
}

const MOMENT = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)([Zz]|[+-]\d{2}:\d{2})?)?$/

/** Only what means the same moment on every machine; `undefined` for anything else, such as 31/01/2027 or a 30th of February. */
function momentOf(text: string): number | undefined {
  const [, day, time = '00:00', zone = 'Z'] = MOMENT.exec(text.trim()) ?? []
  if (day === undefined) return undefined
  const ms = Date.parse(`${day}T${time}${zone.toUpperCase()}`)
  const midnight = Date.parse(`${day}T00:00Z`)
  if (Number.isNaN(ms) || Number.isNaN(midnight)) return undefined
  return new Date(midnight).toISOString().startsWith(day) ? ms : undefined
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
