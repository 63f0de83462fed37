/** Says who presents a bearer token. The tokens file is read anew when it changes; a bad one changes nothing. */
import { readFileSync } from 'node:fs'
import { PermanentError, Refusal } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { watchFile } from '../../scanners/watch-file.ts'
import { ANYBODY, type Identity } from './identity.ts'
import { findToken, readTokens, type TokenEntry } from './token-file.ts'

export interface Auth {
  /** Whether callers must present a token. */
  readonly required: boolean
  /** Throws a Refusal when the `Authorization` header is not one of a known token. */
  identify(authorization: string | null | undefined): Identity
  close(): void
}

export interface AuthOptions {
  /** The tokens file; without one, everybody is let in. */
  readonly file: string | undefined
  readonly now: () => number
  readonly log: Log
}

/** Throws PermanentError when the file cannot be read. */
export function makeAuth({ file, now, log }: AuthOptions): Auth {
  if (file === undefined) return { required: false, identify: () => ANYBODY, close() {} }
  let tokens = load(file)
  const reload = () => {
    try {
      tokens = load(file)
      log.info('tokens read anew', { file, count: tokens.length })
    } catch (error) {
      log.error('the tokens file is bad; the tokens stay as they were', { file, error })
    }
  }
  return {
    required: true,
    identify(authorization) {
      const token = bearerToken(authorization)
      if (token === undefined) {
        throw new Refusal(
          'unauthenticated',
          'A bearer token is needed: send the header "Authorization: Bearer <token>".',
        )
      }
      const entry = findToken(tokens, token)
      if (!entry)
        throw new Refusal('unauthenticated', 'The bearer token is not known. Ask an administrator for one.', BAD)
      if (entry.expiresMs <= now()) {
        const when = new Date(entry.expiresMs).toISOString()
        throw new Refusal(
          'unauthenticated',
          `The token ${entry.identity.name ?? ''} expired at ${when}. Ask for a new one.`,
          BAD,
        )
      }
      return entry.identity
    },
    close: watchFile(file, { log, onChange: reload }),
  }
}

/** Tells a token that was refused from none at all. */
const BAD = { error: 'invalid_token' }

function load(file: string): readonly TokenEntry[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new PermanentError(
      `AUTH_TOKENS_FILE: expected a readable file, got ${why}. Make a token with \`nessus-mcp token new\`.`,
      {
        cause,
      },
    )
  }
  return readTokens(text, file)
}

function bearerToken(authorization: string | null | undefined): string | undefined {
  return /^bearer +([\w.~+/=-]{1,512})$/i.exec(authorization?.trim() ?? '')?.[1]
}
