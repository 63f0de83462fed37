import type { TlsOptions } from 'node:tls'
import { afterEach } from 'vitest'
import type { ScannerEntry } from '../../../lib/scanners/entry.ts'
import type { RequestSeen } from '../../../lib/scanners/nessus/exchange.ts'
import type { ClientLimits } from '../../../lib/scanners/nessus/limits.ts'
import { makeNessusScanner } from '../../../lib/scanners/nessus/nessus-scanner.ts'
import type { Scanner } from '../../../lib/scanners/scanner.ts'
import { entryOf, KEYS, LOGIN } from './entry.ts'
import { startScriptedScanner, type Script, type ScriptedScanner } from './scripted-scanner.ts'

export interface ClientAndScanner {
  readonly client: Scanner
  readonly scanner: ScriptedScanner
  readonly requests: RequestSeen[]
  /** The client's clock, which only the test moves. */
  readonly clock: { ms: number }
}

interface Options {
  readonly entry?: Partial<ScannerEntry>
  readonly limits?: Partial<ClientLimits>
  readonly tls?: TlsOptions
}

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

/** A client and the scripted scanner it speaks to; both end with the test. */
export async function startClient(script: Script, { entry, limits, tls }: Options = {}): Promise<ClientAndScanner> {
  const scanner = await startScriptedScanner(script, tls)
  const requests: RequestSeen[] = []
  const clock = { ms: 1_000_000 }
  const client = makeNessusScanner({
    entry: entryOf({ url: scanner.url, ...(entry ?? KEYS) }),
    now: () => clock.ms,
    ...(limits && { limits }),
    onRequest: (seen) => requests.push(seen),
  })
  open.push(
    () => scanner.close(),
    () => client.close(),
  )
  return { client, scanner, requests, clock }
}

/** What a login needs. */
export const SESSION: Script = {
  'POST /session': { json: { token: 'canary-token' } },
  'DELETE /session': {},
}
export const WEB_SESSION = { ...LOGIN, webSession: true }

/** The error of a promise that must fail. */
export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  const [result] = await Promise.allSettled([promise])
  if (result.status === 'fulfilled') throw new Error('expected a failure')
  return result.reason as Error
}
