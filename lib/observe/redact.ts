/**
 * The last guard before a log line leaves the process: turns any value into
 * plain, bounded data in which fields that look secret by name, and texts that
 * look secret by form, are masked. Callers still must not log secrets; this
 * catches the day that somebody does.
 */
import { defined } from '../base/defined.ts'
import { MASK } from '../base/mask-secrets.ts'

const DEPTH_MAX = 6
const ITEMS_MAX = 100
const CHARS_MAX = 8000
const CAUSES_MAX = 8

const SECRET_NAME =
  /passw|passphrase|passcode|secret|token|credentials|authorization|cookie|sessionid|apikeys|key$|^sealed$|^pass$|^pwd$/
/** Names that {@link SECRET_NAME} catches and that hold no secret. */
const PLAIN_NAMES: ReadonlySet<string> = new Set(['idempotencykey', 'maxtokens'])

/**
 * What follows a name that looks secret: a quoted text up to its own end, however often it was escaped on its way (`\"`
 * within it is no end, nor is the quote of another depth), or a word.
 */
const VALUE = String.raw`(?:(?<quote>\\*["'])(?:(?!(?<!\\)\k<quote>)[^])*|[^\s"';,&]+)`
const NAMED = String.raw`[\w-]{0,100}(?:passw\w{0,100}|passphrase|passcode|secret\w{0,100}|token|api[_-]?keys?|access[_-]?key|private[_-]?key|cookie|session[_-]?id)`

const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/]*@/gi, `$1${MASK}@`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, MASK],
  [/\b(authorization\\*["']?\s*[=:]\s*\\*["']?)(?:\w+\s+)?[^\s"'\\]+/gi, `$1${MASK}`],
  [/\b(bearer)\s+[\w.~+/=-]{16,}/gi, `$1 ${MASK}`],
  [/\bnmcp_[\w-]{16,}/g, MASK],
  // `X-Cookie: token=…` and `X-ApiKeys: accessKey=…; secretKey=…` name their secrets within.
  [new RegExp(String.raw`\b(${NAMED}\\*["']?\s*[=:]\s*)${VALUE}`, 'gi'), `$1$<quote>${MASK}`],
]

/** `value` as plain data for a log: never throws on cycles, depth, size or errors inside it. */
export function redact(value: unknown): unknown {
  return plain(value, 0, new Set())
}

/** `text` without what looks like a secret, cut to a bounded length. */
export function redactText(text: string): string {
  const short = text.length > CHARS_MAX ? `${text.slice(0, CHARS_MAX)}… (${text.length} characters)` : text
  return maskByForm(short)
}

/** `text`, whole, without what looks like a secret. */
export function maskByForm(text: string): string {
  return SECRET_TEXTS.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), text)
}

function looksSecret(name: string): boolean {
  const word = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  return SECRET_NAME.test(word) && !PLAIN_NAMES.has(word)
}

function plain(value: unknown, depth: number, above: Set<object>): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value)
  if (typeof value === 'function') return `[function ${value.name}]`
  if (typeof value !== 'object' || value === null) return value
  if (above.has(value)) return '[circular]'
  if (depth >= DEPTH_MAX) return '[deeper]'
  above.add(value)
  try {
    return plainObject(value, depth, above)
  } finally {
    above.delete(value)
  }
}

function plainObject(value: object, depth: number, above: Set<object>): unknown {
  if (value instanceof Error) return plainError(value, depth, above)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (value instanceof Map) return plainObject(Object.fromEntries(value), depth, above)
  if (Array.isArray(value) || value instanceof Set) {
    const items = [...value]
    const shown = items.slice(0, ITEMS_MAX).map((item) => plain(item, depth + 1, above))
    return items.length > ITEMS_MAX ? [...shown, `… ${items.length - ITEMS_MAX} more`] : shown
  }
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, ITEMS_MAX)
      .map(([name, field]) => [name, maskOr(name, field, depth, above)]),
  )
}

/** Secrets are masked whatever their type; `false`, `null` and absence say something and hide nothing. */
function maskOr(name: string, field: unknown, depth: number, above: Set<object>): unknown {
  if (looksSecret(name) && field !== undefined && field !== null && typeof field !== 'boolean') return MASK
  return plain(field, depth + 1, above)
}

function plainError(error: Error, depth: number, above: Set<object>): object {
  // Causes are followed here and not by depth, so that a chain is kept whole to CAUSES_MAX links.
  const chain: Error[] = []
  let link: unknown = error
  while (link instanceof Error && !chain.includes(link) && chain.length < CAUSES_MAX) {
    chain.push(link)
    link = link.cause
  }
  const rest = link === undefined || chain.includes(link as Error) ? undefined : plain(link, depth + 1, above)
  return chain.reduceRight<unknown>((cause, each) => {
    const { name, message, stack, cause: _cause, ...fields } = each
    const own = plainObject(fields, depth + 1, above) as object
    const described = { name, message: redactText(message), ...own }
    const frames = each === error && stack !== undefined ? { stack: redactText(stack) } : {}
    return { ...described, ...frames, ...defined({ cause }) }
  }, rest) as object
}
