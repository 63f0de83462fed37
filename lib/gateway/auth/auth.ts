/**
 * Says who presents a bearer token. The tokens file is read anew when it changes:
 *
 *   1. What the file says counts. One that is empty, or deleted, says: nobody.
 *   2. One that cannot be understood or read says nothing: the last good one stays in force, and `/health` tells.
 *   3. No state of the file lets in somebody without a token.
 */
import { defined } from '../../base/defined.ts'
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
  /** What is wrong with the tokens, in a sentence that anybody may read: it repeats nothing of the file. */
  readonly problem: string | undefined
  /** Reads the tokens file now; a bad one is logged and changes nothing. */
  reload(): void
  close(): void
}

export interface AuthOptions {
  /** The tokens file; without one, everybody is let in. */
  readonly file: string | undefined
  readonly now: () => number
  readonly log: Log
  /** How long things must be quiet after a change. */
  readonly settleMs?: number
}

/** Throws PermanentError when the file cannot be read. */
export function makeAuth({ file, now, log, settleMs }: AuthOptions): Auth {
  if (file === undefined)
    return { required: false, identify: () => ANYBODY, problem: undefined, reload() {}, close() {} }
  let tokens = load(file)
  let badSince: string | undefined
  const takeOver = (next: readonly TokenEntry[]) => {
    tokens = next
    badSince = undefined
    log.info('tokens read anew', { file, count: tokens.length })
  }
  const reload = () => {
    try {
      takeOver(load(file))
    } catch (error) {
      badSince ??= new Date(now()).toISOString()
      log.error('the tokens file is bad; the tokens stay as they were', { file, error })
    }
  }
  const forget = () => {
    takeOver([])
    log.warn('the tokens file is gone: nobody is let in until it is back', { file })
  }
  const close = watchFile(file, {
    log,
    onChange: reload,
    onGone: forget,
    ...defined({ settleMs }),
  })
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
    get problem() {
      if (badSince === undefined) return undefined
      return `The tokens file (AUTH_TOKENS_FILE) has been bad since ${badSince}: the tokens before that stay in force. \`nessus-mcp config check\` says what is wrong.`
    },
    reload,
    close,
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
