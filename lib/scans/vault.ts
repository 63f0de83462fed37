/**
 * Seals what must not be read in Redis: the credentials of a scan, from the
 * moment the gateway takes them until the scan ends. AES-256-GCM; the reference
 * is bound in, so that a sealed value works under its own name only.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { PermanentError } from '../base/errors.ts'

const NONCE_BYTES = 12
const TAG_BYTES = 16
const FINGERPRINT_DIGITS = 32

export interface Vault {
  seal(ref: string, value: unknown): string
  /** Tells whether a secret is the same as before, to whoever has the key; it says nothing else of it. */
  fingerprint(secret: string): string
  /** Throws PermanentError when it was sealed with another key or under another reference, or was changed. */
  open(ref: string, sealed: string): unknown
}

/** `secret` is the configured key material, at least 16 characters. */
export function makeVault(secret: string): Vault {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'nessus-mcp vault', 32))
  return {
    fingerprint: (secret) => createHmac('sha256', key).update(secret).digest('hex').slice(0, FINGERPRINT_DIGITS),

    seal(ref, value) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(ref))
      const body = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64')
    },

    open(ref, sealed) {
      const bytes = Buffer.from(sealed, 'base64')
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(ref))
        decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
        const body = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()])
        return JSON.parse(body.toString('utf8'))
      } catch (cause) {
        throw new PermanentError(
          'the sealed credentials do not open: every gateway and worker needs the same SECRET_KEY',
          {
            cause,
          },
        )
      }
    },
  }
}
