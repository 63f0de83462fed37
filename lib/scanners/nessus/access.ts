/**
 * Who we are to the scanner: API keys, or a session that is opened by a login.
 *
 * 1. However many requests find the session gone, one login is made for all of them.
 * 2. A rejected login is not repeated at once: Nessus locks an account after five.
 *    It is remembered for a cool-down, four times longer after each rejection; after
 *    LOGIN_REJECTIONS_MAX it is tried once a day, until the entry changes, which makes
 *    a new client. What remains of the five is left to the people who share the account.
 */
import * as v from 'valibot'
import { PermanentError } from '../../base/errors.ts'
import { ScannerAwayError } from '../away-error.ts'
import type { ScannerEntry } from '../entry.ts'
import type { LoginMemory, Rejections } from '../login-memory.ts'
import { meaningOf, whatCame } from './answer-table.ts'
import { answerError, parseAnswer } from './answers.ts'
import type { ClientLimits } from './limits.ts'
import type { Transport } from './transport.ts'

export const LOGIN_REJECTIONS_MAX = 3
const DAY_MS = 86_400_000
const LOGOUT_MS = 2_000
const ANOTHER_TRIES_MS = 2_000

export type AccessHeaders = Readonly<Record<string, string>>

export interface ScannerAccess {
  /** The headers that say who we are. Throws a ScannerAwayError when the login is, or was lately, rejected: scans wait for the entry to be corrected. */
  headers(): Promise<AccessHeaders>
  /** Says that `used` was refused with 401. True when there are, or can be had, others to try. */
  renew(used: AccessHeaders): boolean
  /** Ends the session, if there is one. */
  end(): Promise<void>
}

/** Keys where the entry has them, else a session. */
export function makeAccess(options: AccessOptions): ScannerAccess {
  const { accessKey, secretKey } = options.entry
  if (accessKey === undefined || secretKey === undefined) return makeSessionAccess(options)
  const headers = { 'x-apikeys': `accessKey=${accessKey}; secretKey=${secretKey}` }
  return { headers: async () => headers, renew: () => false, end: async () => {} }
}

interface AccessOptions {
  readonly entry: ScannerEntry
  readonly transport: Transport
  readonly limits: Pick<ClientLimits, 'loginCoolDownMs'>
  readonly now: () => number
  readonly logins: LoginMemory
}

const LoginAnswer = v.object({ token: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,512}$/)) })

function makeSessionAccess(options: AccessOptions): ScannerAccess {
  const { transport } = options
  let session: Promise<AccessHeaders> | undefined
  let current: AccessHeaders | undefined

  return {
    headers() {
      session ??= logIn(options).then(
        (headers) => (current = headers),
        (error: unknown) => {
          session = undefined
          throw error
        },
      )
      return session
    },
    renew(used) {
      if (used === current) {
        // Gone at once, so that a refusal that arrives during the login does not make for another login.
        session = undefined
        current = undefined
      }
      return true
    },
    async end() {
      if (!session || !current) return
      session = undefined
      const request = { method: 'DELETE', path: '/session', route: '/session', headers: current } as const
      // A session that cannot be ended ends by itself after half an hour.
      await transport.send(request, { totalMs: LOGOUT_MS }).catch(() => {})
    },
  }
}

async function logIn(options: AccessOptions): Promise<AccessHeaders> {
  const { entry, limits, now, logins } = options
  const begun = await logins.begin()
  if ('wait' in begun) throw notNow(begun.wait, entry, now())
  const answer = await askForSession(options).catch(async (error: unknown) => {
    await logins.end(undefined, false)
    throw error
  })
  if (answer === 'rejected') {
    const times = begun.times + 1
    const coolDownMs = times >= LOGIN_REJECTIONS_MAX ? DAY_MS : limits.loginCoolDownMs * 4 ** begun.times
    const rejections = { times, untilMs: now() + coolDownMs }
    await logins.end(rejections, false)
    throw new ScannerAwayError(rejection(entry), { scanner: entry.key })
  }
  await logins.end(undefined, true)
  return { 'x-cookie': `token=${answer}` }
}

/** The session's token, or that the login was rejected. */
async function askForSession({ entry, transport }: AccessOptions): Promise<string> {
  const { username, password } = entry
  if (username === undefined || password === undefined) {
    throw new PermanentError(`scanner ${entry.key}: it has neither a login nor API keys; add them to its entry`)
  }
  const answer = await transport.send({
    method: 'POST',
    path: '/session',
    route: '/session',
    body: { contentType: 'application/json', bytes: Buffer.from(JSON.stringify({ username, password })) },
  })
  const meaning = meaningOf('login', whatCame(answer))
  if (meaning === 'us') return 'rejected'
  const context = { entry, what: 'log in', secrets: [password] }
  if (meaning !== 'done') throw answerError(meaning, answer, context)
  return parseAnswer(LoginAnswer, answer, context).token
}

function notNow(wait: Rejections | 'another tries', entry: ScannerEntry, nowMs: number): ScannerAwayError {
  if (wait === 'another tries') {
    const message = `scanner ${entry.key}: another process is logging in just now; waiting for how that goes`
    return new ScannerAwayError(message, { scanner: entry.key, retryAfterMs: ANOTHER_TRIES_MS })
  }
  const minutes = Math.max(1, Math.ceil((wait.untilMs - nowMs) / 60_000))
  return new ScannerAwayError(
    `${rejection(entry)}. It is not tried again for ${minutes} minutes unless the entry changes, so that the account is not locked`,
    { scanner: entry.key },
  )
}

function rejection(entry: ScannerEntry): string {
  return `scanner ${entry.key}: the login of user ${entry.username ?? ''} was rejected; correct username and password in its entry (or unlock the account in Nessus)`
}
