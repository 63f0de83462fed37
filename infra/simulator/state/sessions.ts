/**
 * Who may speak to the simulator: one user, by session or by API keys.
 *
 *   SS1. A session is good until it idles too long, is closed, or is dropped by a restart.
 *   SS2. Five wrong passwords in a row lock the account; the right one is refused too until it is unlocked.
 *   SS3. Fresh keys end the pair before.
 */
import type { SimulatorSettings } from '../options.ts'
import type { Random } from '../random.ts'
import type { Timeline } from '../timeline.ts'

const LOGIN_ATTEMPTS_MAX = 5
const SESSIONS_MAX = 1000
const TOKEN_DIGITS = 48

export type LoginKind = 'session' | 'keys'

export interface LoginSessions {
  /** A session's token, or `undefined` for a wrong password or a locked account. */
  login(username: string, password: string): string | undefined
  /** How the request is authenticated: `absent` when it does not try, `wrong` when it tries in vain. */
  identify(headers: { cookie: string | undefined; keys: string | undefined }): LoginKind | 'absent' | 'wrong'
  logout(cookie: string | undefined): void
  dropAll(): void
  unlock(): void
  isLocked(): boolean
  renewKeys(): { accessKey: string; secretKey: string }
}

interface Deps {
  readonly settings: SimulatorSettings
  readonly timeline: Timeline
  readonly random: Random
}

export function makeLoginSessions({ settings, timeline, random }: Deps): LoginSessions {
  const usedAtMs = new Map<string, number>()
  let keys = { accessKey: settings.accessKey, secretKey: settings.secretKey }
  let failures = 0

  function isOpen(token: string): boolean {
    const nowMs = timeline.now()
    const lastMs = usedAtMs.get(token)
    if (lastMs === undefined) return false
    // Put back at the end: the map's order is then from least to most recently used.
    usedAtMs.delete(token)
    if (nowMs - lastMs > settings.idleTimeoutSeconds * 1000) return false
    usedAtMs.set(token, nowMs)
    return true
  }

  return {
    login(username, password) {
      const isRight = username === settings.username && password === settings.password
      if (!isRight || failures >= LOGIN_ATTEMPTS_MAX) {
        failures += 1
        return undefined
      }
      failures = 0
      const [oldest] = usedAtMs.keys()
      if (usedAtMs.size >= SESSIONS_MAX && oldest !== undefined) usedAtMs.delete(oldest)
      const token = random.hex(TOKEN_DIGITS)
      usedAtMs.set(token, timeline.now())
      return token
    },
    identify({ cookie, keys: given }) {
      if (cookie !== undefined) return isOpen(tokenOf(cookie)) ? 'session' : 'wrong'
      if (given === undefined) return 'absent'
      const [, accessKey, secretKey] = /^\s*accessKey=([^;\s]+)\s*;\s*secretKey=([^;\s]+)\s*;?\s*$/i.exec(given) ?? []
      return accessKey === keys.accessKey && secretKey === keys.secretKey ? 'keys' : 'wrong'
    },
    logout: (cookie) => void usedAtMs.delete(tokenOf(cookie ?? '')),
    dropAll: () => usedAtMs.clear(),
    unlock() {
      failures = 0
    },
    isLocked: () => failures >= LOGIN_ATTEMPTS_MAX,
    renewKeys() {
      keys = { accessKey: random.hex(64), secretKey: random.hex(64) }
      return keys
    },
  }
}

function tokenOf(cookie: string): string {
  return /token=([^;\s]+)/.exec(cookie)?.[1] ?? ''
}
