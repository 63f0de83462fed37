/**
 * A self-signed certificate, made anew at each start. Node can sign but has no
 * call that writes a certificate, and the packages that do bring a dozen others
 * along; the little of DER that one fixed certificate needs is here.
 */
import { X509Certificate, createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

export interface Certificate {
  readonly keyPem: string
  readonly certificatePem: string
  /** SHA-256 of the certificate, in the form `AB:CD:…`. */
  readonly fingerprint: string
}

const OID_COMMON_NAME = '550403'
const OID_SUBJECT_ALT_NAME = '551d11'
const OID_ECDSA_WITH_SHA256 = '2a8648ce3d040302'
const HOUR_MS = 3_600_000
const VALID_DAYS = 365

/** A P-256 certificate for localhost, 127.0.0.1 and ::1, valid for a year around `nowMs`. */
export function makeCertificate({ nowMs }: { nowMs: number }): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = der(0x30, oid(OID_ECDSA_WITH_SHA256))
  const name = der(0x30, der(0x31, der(0x30, oid(OID_COMMON_NAME), der(0x0c, Buffer.from('nessus-mcp simulator')))))
  const body = der(
    0x30,
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    name,
    der(0x30, time(nowMs - HOUR_MS), time(nowMs + VALID_DAYS * 24 * HOUR_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, der(0x30, oid(OID_SUBJECT_ALT_NAME), der(0x04, alternativeNames())))),
  )
  const signature = sign('sha256', body, privateKey)
  const whole = der(0x30, body, algorithm, der(0x03, Buffer.from([0]), signature))
  return {
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificatePem: new X509Certificate(whole).toString(),
    fingerprint: createHash('sha256')
      .update(whole)
      .digest('hex')
      .toUpperCase()
      .replaceAll(/..(?=.)/g, '$&:'),
  }
}

function alternativeNames(): Buffer {
  const loopback6 = Buffer.alloc(16)
  loopback6[15] = 1
  return der(0x30, der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])), der(0x87, loopback6))
}

/** One DER value: its tag, its length, its content. Nothing here is longer than 65,535 bytes. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function oid(encodedHex: string): Buffer {
  return der(0x06, Buffer.from(encodedHex, 'hex'))
}

/** `bytes` start below 0x80, so they need no leading zero to be positive. */
function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes)
}

/** GeneralizedTime, which RFC 5280 wants only from 2050 on but every reader takes. */
function time(atMs: number): Buffer {
  const digits = new Date(atMs).toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return der(0x18, Buffer.from(digits))
}
