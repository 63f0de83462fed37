/**
 * Who we are to the scanner: API keys, or a session that is opened by a login.
 *
 * 1. However many requests find the session gone, one login is made for all of them.
 * 2. A rejected login is not repeated at once: Nessus locks an account after five.
 *    It is remembered for a cool-down, four times longer after each rejection, and
 *    after LOGIN_REJECTIONS_MAX for good: until the entry changes, which makes a
 *    new client. What remains of the five is left to the people who share the account.
 */
import * as v from 'valibot'
import { PermanentError } from '../../base/errors.ts'
import type { ScannerEntry } from '../entry.ts'
import { answerError, parseAnswer } from './answers.ts'
import type { ClientLimits } from './limits.ts'
import type { Transport } from './transport.ts'

export const LOGIN_REJECTIONS_MAX = 3
const LOGOUT_MS = 2_000

export type AccessHeaders = Readonly<Record<string, string>>

export interface Access {
  /** The headers that say who we are. Throws PermanentError when the login is, or was lately, rejected. */
  headers(): Promise<AccessHeaders>
  /** Says that `used` was refused with 401. True when there are, or can be had, others to try. */
  renew(used: AccessHeaders): boolean
  /** Ends the session, if there is one. */
  end(): Promise<void>
}

/** Keys where the entry has them, else a session. */
export function makeAccess(options: AccessOptions): Access {
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
}

const LoginAnswer = v.object({ token: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,512}$/)) })

function makeSessionAccess({ entry, transport, limits, now }: AccessOptions): Access {
  const { username, password } = entry
  let session: Promise<AccessHeaders> | undefined
  let current: AccessHeaders | undefined
  const rejected = { times: 0, untilMs: 0 }

  const logIn = async (): Promise<AccessHeaders> => {
    if (username === undefined || password === undefined) {
      throw new PermanentError(`scanner ${entry.key}: it has neither a login nor API keys; add them to its entry`)
    }
    const isFinal = rejected.times >= LOGIN_REJECTIONS_MAX
    if (rejected.times > 0 && (isFinal || now() < rejected.untilMs)) {
      throw new PermanentError(
        `${rejection(entry)}. ${isFinal ? 'It is not tried again' : 'It is not tried again yet'}, so that the account is not locked`,
      )
    }
    const answer = await transport.send({
      method: 'POST',
      path: '/session',
      route: '/session',
      body: { contentType: 'application/json', bytes: Buffer.from(JSON.stringify({ username, password })) },
    })
    if (answer.status === 401 || answer.status === 403) {
      rejected.untilMs = now() + limits.loginCoolDownMs * 4 ** rejected.times
      rejected.times += 1
      throw new PermanentError(rejection(entry))
    }
    if (answer.status !== 200) throw answerError(answer, { entry, what: 'log in', secrets: [password] })
    const { token } = parseAnswer(LoginAnswer, answer, { entry, what: 'log in' })
    rejected.times = 0
    current = { 'x-cookie': `token=${token}` }
    return current
  }

  return {
    headers() {
      session ??= logIn().catch((error: unknown) => {
        session = undefined
        throw error
      })
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

function rejection(entry: ScannerEntry): string {
  return `scanner ${entry.key}: the login of user ${entry.username ?? ''} was rejected; correct username and password in its entry (or unlock the account in Nessus)`
}
