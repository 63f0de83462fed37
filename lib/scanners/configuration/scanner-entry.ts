/** Turns one scanner of the file, in either form, into a {@link ScannerEntry}. */
import { readAuditFiles } from './audit-files.ts'
import { withoutEnd } from '../../base/without-end.ts'
import { createHash } from 'node:crypto'
import type { ScannerEntry } from '../entry.ts'
import { readAdopt } from './adopt-options.ts'
import { defined } from '../../base/defined.ts'
import { isMapping, limitFields, loginFields, readFields, scannerFields } from './fields.ts'
import { readSecretFiles } from './secret-files.ts'
import type { Path, Source } from './source.ts'
import { readTls } from './tls-options.ts'

export interface EntryContext {
  readonly source: Source
  readonly path: Path
  readonly readFile: (path: string) => string
}

/**
 * Reads one scanner. Without an instance id it gets the first four hex digits of
 * SHA-256 of `url:name`. `older` is the 2.1 form: its login stands under
 * `credentials`, where both a login and keys may stand; the one in use is kept.
 */
export function readScannerEntry(
  value: unknown,
  { pool, older, ...context }: EntryContext & { pool: string; older: boolean },
): ScannerEntry | undefined {
  const { source, path } = context
  if (!isMapping(value)) {
    source.problem(path, 'expected a mapping with at least instance_id and url')
    return undefined
  }
  const given = readSecretFiles(older ? liftLogin(value, context) : value, context)
  const fields = readFields(scannerFields, given, { source, path })
  if (!fields) return undefined
  const url = readUrl(fields.url, context)
  if (fields.instance_id === undefined && fields.name === undefined) {
    source.problem(path, 'expected instance_id, or a name to derive it from')
  }
  const tls = readTls(fields.tls, { ...context, path: [...path, 'tls'], isHttps: url?.startsWith('https:') ?? true })
  const login = readLogin(fields, { ...context, older })
  const adopt = fields.adopt && readAdopt(fields.adopt, { source, path: [...path, 'adopt'] })
  if (url === undefined) return undefined
  const instanceId = fields.instance_id ?? deriveId(fields.url, fields.name ?? '')
  return {
    key: `${pool}/${instanceId}`,
    pool,
    instanceId,
    type: fields.type,
    name: fields.name ?? instanceId,
    url,
    enabled: fields.enabled,
    maxConcurrentScans: fields.max_concurrent_scans,
    ...login,
    tls,
    ...defined({ proxy: readProxy(fields, context), linkedScanner: fields.linked_scanner }),
    webSession: fields.web_session,
    allowedTargets: fields.allowed_targets ?? [],
    deniedTargets: fields.denied_targets ?? [],
    ...(adopt && { adopt }),
    // A line that is left empty allows none, rather than all.
    ...(fields.allowed_policies !== undefined && { allowedPolicies: fields.allowed_policies ?? [] }),
    ...readLimits(fields.scan_limits, context),
    ...readAuditFiles(fields.audit_files, context),
  }
}

function readLimits(value: Fields['scan_limits'], { source, path }: EntryContext): Pick<ScannerEntry, 'scanLimits'> {
  const limits = value && readFields(limitFields, value, { source, path: [...path, 'scan_limits'] })
  if (!limits) return {}
  const { max_hosts_at_once: maxHostsAtOnce, max_checks_at_once: maxChecksAtOnce, unsafe_checks: unsafeChecks } = limits
  return { scanLimits: defined({ maxHostsAtOnce, maxChecksAtOnce, unsafeChecks }) }
}

type Fields = NonNullable<ReturnType<typeof readFields<typeof scannerFields>>>
type Login = Pick<ScannerEntry, 'username' | 'password' | 'accessKey' | 'secretKey'>

function liftLogin(value: Record<string, unknown>, { source, path, readFile }: EntryContext): Record<string, unknown> {
  const { credentials, ...rest } = value
  if (credentials === undefined || credentials === null) return rest
  const at = [...path, 'credentials']
  if (!isMapping(credentials)) {
    source.problem(at, 'expected a mapping of username and password, or access_key and secret_key')
    return rest
  }
  const login = readSecretFiles(credentials, { source, path: at, readFile })
  return { ...rest, ...readFields(loginFields, login, { source, path: at }) }
}

function readLogin(fields: Fields, { source, path, older }: EntryContext & { older: boolean }): Login {
  const { username, password, access_key: accessKey, secret_key: secretKey } = fields
  if ((username === undefined) !== (password === undefined)) {
    source.problem(path, `expected username and password together, got only ${username ? 'username' : 'password'}`)
  }
  if ((accessKey === undefined) !== (secretKey === undefined)) {
    source.problem(
      path,
      `expected access_key and secret_key together, got only ${accessKey ? 'access_key' : 'secret_key'}`,
    )
  }
  const hasLogin = username !== undefined && password !== undefined
  const hasKeys = accessKey !== undefined && secretKey !== undefined
  if (hasLogin && hasKeys && !older) {
    source.problem(path, 'expected either username and password or access_key and secret_key, got both')
  }
  if (fields.enabled && username === undefined && accessKey === undefined) {
    source.problem(path, 'expected username and password, or access_key and secret_key, or enabled: false')
  }
  if (fields.web_session && hasKeys && !hasLogin) {
    source.problem(path, 'web_session needs username and password: the web interface has no use for API keys')
  }
  if (hasLogin && (fields.web_session || !hasKeys)) return { username, password }
  return hasKeys ? { accessKey, secretKey } : {}
}

/** A proxy speaks HTTP, so its url has a scheme, a host and a port, and nothing else. */
function readProxy(fields: Fields, { source, path }: EntryContext): ScannerEntry['proxy'] {
  const { proxy, proxy_username: username, proxy_password: password } = fields
  const at = [...path, 'proxy']
  if (proxy === undefined) {
    if (username !== undefined || password !== undefined) source.problem(at, 'missing; expected the url of the proxy')
    return undefined
  }
  if (username === undefined && password !== undefined)
    source.problem(path, 'expected proxy_username beside proxy_password')
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined
  const isBare = url !== undefined && url.pathname === '/' && url.search === '' && url.hash === ''
  if (!url || !isBare || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    source.problem(at, 'expected http://host:3128 (or https://), with its login in proxy_username and proxy_password')
    return undefined
  }
  return { url: url.origin, ...defined({ username, password }) }
}

/** The url without a slash at its end; `undefined`, and a problem that does not repeat it, when it is not usable. */
function readUrl(text: string, { source, path }: EntryContext): string | undefined {
  const at = [...path, 'url']
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.hostname === '') {
    source.problem(at, 'expected https://host:8834 (or http:// for a test)')
    return undefined
  }
  if (url.username !== '' || url.password !== '') {
    source.problem(at, 'expected no user and password in the url; use the keys username and password')
    return undefined
  }
  if (url.search !== '' || url.hash !== '') {
    source.problem(at, 'expected a url without ? and #')
    return undefined
  }
  return withoutEnd(url.href, '/')
}

function deriveId(url: string, name: string): string {
  return createHash('sha256').update(`${url}:${name}`).digest('hex').slice(0, 4)
}
