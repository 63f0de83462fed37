/** Reads the `tls` mapping of a scanner: how its certificate is verified. At most one way may be given. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import { defined } from '../../base/defined.ts'
import type { ScannerEntry } from '../entry.ts'
import { readFields, tlsFields } from './fields.ts'
import { readSecretFiles } from './secret-files.ts'
import type { Path, Source } from './source.ts'

export function readTls(
  value: Record<string, unknown>,
  { source, path, readFile, isHttps }: TlsContext,
): ScannerEntry['tls'] {
  const given = readSecretFiles(value, { source, path, readFile })
  const fields = readFields(tlsFields, given, { source, path })
  if (!fields) return {}
  const ways = (['ca', 'fingerprint', 'insecure'] as const).filter(
    (key) => fields[key] !== undefined && fields[key] !== false,
  )
  if (ways.length > 1) source.problem(path, `expected one of ca, fingerprint and insecure, got ${ways.join(' and ')}`)
  const isClient = fields.client_certificate !== undefined || fields.client_key !== undefined
  if (!isHttps && isClient) source.problem(path, 'client_certificate means nothing for an http:// url')
  if (!isHttps && ways.length > 0) source.problem(path, `${ways.join(', ')} means nothing for an http:// url`)
  const ca = fields.ca === undefined ? undefined : readCa(fields.ca, { source, path, readFile })
  const fingerprint = fields.fingerprint === undefined ? undefined : readFingerprint(fields.fingerprint)
  if (fields.fingerprint !== undefined && fingerprint === undefined) {
    source.problem(
      [...path, 'fingerprint'],
      'expected a SHA-256 of the certificate or its public key: 64 hex digits (colons allowed) or sha256/<base64>',
    )
  }
  return {
    ...(ca !== undefined && { ca }),
    ...(fingerprint !== undefined && { fingerprint }),
    ...(fields.insecure !== undefined && { insecure: fields.insecure }),
    ...defined({ client: isClient ? readClient(fields, { source, path, readFile }) : undefined }),
    ...(fields.server_name !== undefined && { serverName: fields.server_name }),
  }
}

/** Certificate and key belong together, and are checked together: a scanner would only break the connection. */
function readClient(
  fields: { readonly client_certificate?: string | undefined; readonly client_key?: string | undefined },
  context: FileContext,
): ScannerEntry['tls']['client'] {
  const { source, path } = context
  const certificate = readPem(fields.client_certificate, context)
  const key = readPem(fields.client_key, context)
  if (certificate === undefined || key === undefined) {
    source.problem(path, 'expected client_certificate and client_key together, each as PEM text or the path of a file')
    return undefined
  }
  try {
    if (new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) return { certificate, key }
    source.problem([...path, 'client_key'], 'expected the key of client_certificate, got another one')
  } catch {
    source.problem(
      path,
      'expected client_certificate as a PEM certificate and client_key as a PEM key without passphrase',
    )
  }
  return undefined
}

function readPem(value: string | undefined, { source, readFile }: FileContext): string | undefined {
  if (value === undefined || value.includes('-----BEGIN')) return value
  try {
    return readFile(resolve(dirname(source.file), value))
  } catch {
    return undefined
  }
}

interface FileContext {
  readonly source: Source
  readonly path: Path
  readonly readFile: (path: string) => string
}

interface TlsContext extends FileContext {
  readonly isHttps: boolean
}

/** A fingerprint as 64 lower-case hex digits; `undefined` if it is none. */
function readFingerprint(text: string): string | undefined {
  const bare = text.replace(/^sha256(?:\/{1,2}|:)/i, '')
  const hex = bare.replaceAll(':', '').toLowerCase()
  if (/^[0-9a-f]{64}$/.test(hex)) return hex
  return /^[A-Za-z0-9+/]{43}=?$/.test(bare) ? Buffer.from(bare, 'base64').toString('hex') : undefined
}

/** The CA as PEM text, given as such or as the path of a file. */
function readCa(value: string, { source, path, readFile }: FileContext): string | undefined {
  const at = [...path, 'ca']
  const file = value.includes('-----BEGIN') ? undefined : resolve(dirname(source.file), value)
  try {
    const pem = file === undefined ? value : readFile(file)
    // Reads the first certificate only, which is enough to tell a wrong file.
    void new X509Certificate(pem)
    return pem
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    source.problem(
      at,
      `expected a PEM certificate or the path of one${file ? `; ${file}` : ''} cannot be read (${code})`,
    )
    return undefined
  }
}
