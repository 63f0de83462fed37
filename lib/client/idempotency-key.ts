/** Derives an idempotency key from a request, so that the same request twice is one scan. */
import { createHash } from 'node:crypto'

/**
 * Left out, so that nobody who sees a key can try passwords against it. The gateway compares the whole request anyway:
 * the same request with another password is refused as a conflict that names the first scan.
 */
const SECRETS = new Set(['password', 'ssh_password', 'private_key', 'passphrase', 'escalation_password'])

/** SHA-256 over the tool and its arguments as canonical JSON, in hex. Equal requests have equal keys, in any order of fields. */
export function idempotencyKey(tool: string, args: Readonly<Record<string, unknown>>): string {
  const shown = Object.fromEntries(Object.entries(args).filter(([name]) => !SECRETS.has(name)))
  const text = JSON.stringify({ arguments: shown, tool }, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
  return createHash('sha256').update(text).digest('hex')
}
