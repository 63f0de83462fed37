/**
 * The configured scanners and their clients, as they are now.
 *
 * 1. A reload swaps everything or nothing: a file that is bad, or gone, leaves what was there.
 * 2. A client lives as long as its entry stays the same, to the letter.
 * 3. A client whose entry went is closed a while later, so that calls under way can finish.
 */
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { PermanentError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { parseConfiguration, type ScannerConfiguration } from './configuration/configuration.ts'
import { mayKnow } from './credential-policy.ts'
import type { Variables } from './configuration/substitute.ts'
import type { ScannerEntry, ScannerRegistry } from './entry.ts'
import { didYouMean } from '../base/near-names.ts'
import type { Scanner } from './scanner.ts'
import { watchFile } from './watch-file.ts'

const RETIRE_MS = 5 * 60_000

export interface RegistryOptions {
  /** Path of scanners.yaml. It need not exist at the start: then there are no scanners. */
  readonly file: string
  readonly env: Variables
  readonly log: Log
  readonly makeScanner: (entry: ScannerEntry) => Scanner
  readonly readFile?: (path: string) => string
  /** How long a dropped client may still be used. */
  readonly retireMs?: number
}

export interface ReloadableRegistry extends ScannerRegistry {
  /** Reads the file again. Throws PermanentError, and changes nothing, when it is bad or gone. */
  reload(): void
  /** Reloads when the file changes, until {@link close}; a bad file is logged. */
  watch(): void
}

/** Reads the file and makes the registry; throws PermanentError when the file is bad. Clients are made when first asked for. */
export function makeRegistry(options: RegistryOptions): ReloadableRegistry {
  const { file, log, makeScanner } = options
  const clients = makeClients(makeScanner, { log, retireMs: options.retireMs ?? RETIRE_MS })
  const listeners: (() => void)[] = []
  let stopWatching = (): void => {}
  let now = read(options) ?? { entries: [], credentials: [], poolOrder: [] }

  const find = (key: string): ScannerEntry | undefined => now.entries.find((entry) => entry.key === key)

  const reload = (): void => {
    const next = read(options)
    if (!next) throw new PermanentError(`${file}: the file is gone; the scanners stay as they were`)
    const changed = !isDeepStrictEqual(next, now)
    now = next
    clients.keepOnly(next.entries)
    if (changed) log.info('scanners reloaded', { file, scanners: next.entries.length, pools: next.poolOrder })
    for (const listener of listeners) listener()
  }

  return {
    pools: () => now.poolOrder,
    entries: () => now.entries,
    find,
    scanner(key) {
      const entry = find(key)
      if (entry) return clients.get(entry)
      const keys = now.entries.map((known) => known.key)
      throw new PermanentError(`no scanner ${key} is configured in ${file}${didYouMean(key, keys)}`)
    },
    clientOf: (entry) => clients.get(entry),
    credential: (name) => now.credentials.find((credential) => credential.name === name),
    credentialNames: (caller) =>
      now.credentials.filter((credential) => mayKnow(credential, caller)).map(({ name }) => name),
    onReload(listener) {
      listeners.push(listener)
    },
    reload,
    watch() {
      stopWatching()
      stopWatching = watchFile(file, {
        log,
        onChange() {
          try {
            reload()
          } catch (error) {
            log.error('scanners not reloaded: the file is bad and the old ones stay', {
              file,
              error: error instanceof Error ? error.message : String(error),
            })
          }
        },
      })
    },
    async close() {
      stopWatching()
      await clients.close()
    },
  }
}

/** The parsed file; `undefined` when there is none. */
function read({ file, env, readFile = readText }: RegistryOptions): ScannerConfiguration | undefined {
  let text: string
  try {
    text = readFile(file)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new PermanentError(`${file}: cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
  return parseConfiguration({ text, file, env, readFile })
}

function readText(path: string): string {
  return readFileSync(path, 'utf8')
}

interface Client {
  readonly entry: ScannerEntry
  readonly scanner: Scanner
}

function makeClients(makeScanner: RegistryOptions['makeScanner'], { log, retireMs }: { log: Log; retireMs: number }) {
  const current = new Map<string, Client>()
  const retired = new Map<Client, NodeJS.Timeout>()

  const shut = async (client: Client): Promise<void> => {
    clearTimeout(retired.get(client))
    retired.delete(client)
    try {
      await client.scanner.close()
    } catch (error) {
      log.warn('a scanner client did not close cleanly', { scanner: client.entry.key, error: String(error) })
    }
  }
  const retire = (client: Client): void => {
    const timer = setTimeout(() => void shut(client), retireMs)
    timer.unref()
    retired.set(client, timer)
  }

  return {
    get(entry: ScannerEntry): Scanner {
      const known = current.get(entry.key)
      if (known && isDeepStrictEqual(known.entry, entry)) return known.scanner
      if (known) retire(known)
      const scanner = makeScanner(entry)
      current.set(entry.key, { entry, scanner })
      return scanner
    },
    keepOnly(entries: readonly ScannerEntry[]): void {
      for (const [key, client] of current) {
        if (entries.some((entry) => isDeepStrictEqual(entry, client.entry))) continue
        current.delete(key)
        retire(client)
      }
    },
    async close(): Promise<void> {
      await Promise.all([...current.values(), ...retired.keys()].map(shut))
      current.clear()
    },
  }
}
