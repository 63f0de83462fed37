/**
 * Reads scanners.yaml.
 *
 * Each key at the top is a pool with a list of scanners, but for two: `scanners`
 * is the older form (a list whose pool is the scanner's type), and `credentials`
 * maps names to scan credentials that tool calls refer to. docs/scanners.md
 * explains every key.
 */
import { readNamedCredential } from './named-credential.ts'
import { isMapping } from './fields.ts'
import { readScannerEntry, type EntryContext } from './scanner-entry.ts'
import { readSource, type Source } from './source.ts'
import { substitute, type Variables } from './substitute.ts'
import type { NamedCredential, ScannerEntry } from '../entry.ts'

export interface ScannerConfiguration {
  readonly entries: readonly ScannerEntry[]
  readonly credentials: readonly NamedCredential[]
  /** Pools in the order of the file; the first is the default. */
  readonly poolOrder: readonly string[]
}

export interface ConfigurationInput {
  readonly text: string
  /** The file's path: named in errors, and what paths inside it are relative to. */
  readonly file: string
  readonly env: Variables
  /** Reads the files that `*_file` keys and `tls.ca` name. */
  readonly readFile: (path: string) => string
}

export const SCANNERS_MAX = 1000
const POOL = /^[a-z0-9][a-z0-9_-]{0,63}$/i

/**
 * Parses the file's text; an empty one holds no scanners. Throws PermanentError
 * with every problem at once, each with file, line, path, what was expected and
 * what to do, and without any secret.
 */
export function parseConfiguration({ text, file, env, readFile }: ConfigurationInput): ScannerConfiguration {
  const source = readSource(text, file)
  if (source.data === undefined) return { entries: [], credentials: [], poolOrder: [] }
  const data = substitute(source.data, env, source)
  if (!isMapping(data)) {
    source.problem([], 'expected pools at the top, each a list of scanners')
    source.finish()
    return { entries: [], credentials: [], poolOrder: [] }
  }
  // A value whose variable is unset would only make for a second, misleading problem.
  source.finish()
  const { credentials, ...pools } = data
  const entries = Object.entries(pools).flatMap(([pool, list]) => readPool(pool, list, source, readFile))
  const named = readCredentials(credentials, { source, path: ['credentials'], readFile })
  checkTogether(entries, source)
  source.finish()
  const older = entries.filter(({ path }) => path[0] === 'scanners').map(({ entry }) => entry.pool)
  const poolOrder = Object.keys(pools).flatMap((pool) => (pool === 'scanners' ? older : [pool]))
  return { entries: entries.map(({ entry }) => entry), credentials: named, poolOrder: [...new Set(poolOrder)] }
}

interface PlacedEntry {
  readonly entry: ScannerEntry
  readonly path: EntryContext['path']
}

function readPool(pool: string, list: unknown, source: Source, readFile: EntryContext['readFile']): PlacedEntry[] {
  if (!POOL.test(pool)) {
    source.problem([pool], 'expected a pool name of 1 to 64 letters, digits, dashes and underscores')
  }
  if (list === null) return []
  if (!Array.isArray(list)) {
    source.problem([pool], `expected a list of scanners (lines that begin with a dash), got a ${typeof list}`)
    return []
  }
  const older = pool === 'scanners'
  return list.flatMap((value: unknown, at) => {
    const path = [pool, at]
    const entry = readScannerEntry(value, { source, path, readFile, older, pool: older ? 'nessus' : pool })
    return entry ? [{ entry, path }] : []
  })
}

function readCredentials(value: unknown, context: EntryContext): NamedCredential[] {
  if (value === undefined || value === null) return []
  if (!isMapping(value)) {
    context.source.problem(['credentials'], 'expected a mapping from names to credentials')
    return []
  }
  return Object.entries(value).flatMap(([name, fields]) => {
    const credential = readNamedCredential(name, fields, { ...context, path: ['credentials', name] })
    return credential ? [credential] : []
  })
}

function checkTogether(entries: readonly PlacedEntry[], source: Source): void {
  if (entries.length > SCANNERS_MAX)
    source.problem([], `expected at most ${SCANNERS_MAX} scanners, got ${entries.length}`)
  const seen = new Set<string>()
  for (const { entry, path } of entries) {
    // Task ids and some file systems do not tell upper from lower case.
    const key = entry.key.toLowerCase()
    if (seen.has(key)) {
      source.problem(
        path,
        `expected instance ids that differ within a pool, got ${entry.instanceId} twice in ${entry.pool}`,
      )
    }
    seen.add(key)
  }
}
