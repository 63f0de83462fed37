/** Derives an idempotency key from a request, so that the same request twice is one scan. */
import { SECRET_ARGUMENTS } from '../facts/credential-fields.ts'

/**
 * Left out, so that nobody who sees a key can try passwords against it. The gateway compares the whole request anyway:
 * the same request with another password is refused as a conflict that names the first scan.
 */
const SECRETS = new Set(SECRET_ARGUMENTS)

const DIGITS = 16

/** SHA-256 over the tool and its arguments as canonical JSON, in hex. Equal requests have equal keys, in any order of fields.
 * Throws where there is no Web Crypto, as on a page that came over plain http. */
export async function idempotencyKey(tool: string, args: Readonly<Record<string, unknown>>): Promise<string> {
  const shown = Object.fromEntries(Object.entries(args).filter(([name]) => !SECRETS.has(name)))
  const text = JSON.stringify({ arguments: shown, tool }, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
  const subtle = (globalThis.crypto as Partial<typeof globalThis.crypto> | undefined)?.subtle
  if (!subtle)
    throw new Error(
      'idempotent: expected Web Crypto (https, or localhost), got none; give an idempotency_key of your own',
    )
  const digest = new Uint8Array(await subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return [...digest].map((byte) => byte.toString(DIGITS).padStart(2, '0')).join('')
}
