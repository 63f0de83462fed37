/**
 * The login of a scanner as all processes know it, in Redis: see login-memory.ts
 * for what is promised. Kept with a fingerprint of the login in place of it, so
 * that a corrected entry is tried at once, and what was rejected is not.
 */
import * as v from 'valibot'
import type { Bus } from '../bus/bus.ts'
import type { ScanKeys } from '../scans/scan-keys.ts'
import type { Vault } from '../scans/vault.ts'
import type { ScannerEntry } from './entry.ts'
import type { LoginMemory } from './login-memory.ts'

/** A process that died while it logged in keeps the others from it for so long. */
const TRYING_MS = 60_000

const Known = v.object({ login: v.string(), times: v.number(), untilMs: v.number(), tryingUntilMs: v.number() })
type Known = v.InferOutput<typeof Known>

interface SharedLoginsDeps {
  readonly bus: Pick<Bus, 'keyspace' | 'publish' | 'now'>
  readonly scanKeys: ScanKeys
  readonly vault: Pick<Vault, 'fingerprint'>
}

export function sharedLogins({ key, url, username, password }: ScannerEntry, deps: SharedLoginsDeps): LoginMemory {
  const { bus, scanKeys, vault } = deps
  const login = vault.fingerprint(JSON.stringify([url, username, password]))
  const unknown: Known = { login, times: 0, untilMs: 0, tryingUntilMs: 0 }

  const read = async (): Promise<{ text: string; known: Known }> => {
    const text = (await bus.keyspace.hash(scanKeys.logins))[key] ?? ''
    const result = v.safeParse(v.pipe(v.string(), v.parseJson(), Known), text)
    return { text, known: result.success && result.output.login === login ? result.output : unknown }
  }
  const write = async (known: Known, before?: string): Promise<boolean> => {
    const guards =
      before === undefined
        ? []
        : [{ if: 'field', key: scanKeys.logins, field: key, is: before, else: 'stale' } as const]
    const writes = [['HSET', scanKeys.logins, key, JSON.stringify(known)] as const]
    return (await bus.publish([], { guards, writes })) === 'settled'
  }

  return {
    async begin() {
      const { text, known } = await read()
      // Asked after the read, which brings the server's clock with it on a new connection.
      const nowMs = bus.now().getTime()
      if (nowMs < known.untilMs) return { wait: known }
      if (nowMs < known.tryingUntilMs) return { wait: 'another tries' }
      const claimed = await write({ ...known, tryingUntilMs: nowMs + TRYING_MS }, text)
      return claimed ? { times: known.times } : { wait: 'another tries' }
    },

    async end(rejected, succeeded) {
      const { known } = await read()
      if (succeeded) await write(unknown)
      else await write({ ...known, ...rejected, tryingUntilMs: 0 })
    },
  }
}
