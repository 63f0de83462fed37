/** What the scanner's answers mean: their data, checked, or the error to throw for their status. */
import * as v from 'valibot'
import { describeIssues } from '../../base/check.ts'
import { PermanentError } from '../../base/errors.ts'
import { ScannerBusyError } from '../away-error.ts'
import type { ScannerEntry } from '../entry.ts'
import type { ScannerAnswer } from './exchange.ts'

const BUSY_MS = 30_000
const BUSY_MS_MAX = 10 * 60_000
const SCANNER_WORDS_MAX = 200

export interface AnswerContext {
  readonly entry: ScannerEntry
  /** What was asked, to follow "could not": `create a scan`. */
  readonly what: string
  /** Values that must not be repeated, should the scanner echo them. */
  readonly secrets?: readonly string[]
}

/** Checks a JSON answer. Throws a temporary error: a proxy's or a half-started scanner's page is gone later. */
export function parseAnswer<S extends v.GenericSchema>(
  schema: S,
  answer: ScannerAnswer,
  { entry, what }: AnswerContext,
): v.InferOutput<S> {
  const data = parseJson(answer.text)
  const result = v.safeParse(schema, data)
  if (result.success) return result.output
  // Valibot quotes what came, which may be long or secret: the paths are enough.
  const problem =
    data === undefined ? 'expected JSON, got something else' : describeIssues(result.issues.map(withoutValue))
  throw new Error(`scanner ${entry.key}: cannot ${what}, because the answer is not understood: ${problem}`)
}

/** The error for an answer that is not what was hoped for. */
export function answerError(answer: ScannerAnswer, { entry, what, secrets = [] }: AnswerContext): Error {
  const { status } = answer
  const said = scannerWords(answer, [...secretsOf(entry), ...secrets])
  const start = `scanner ${entry.key}: cannot ${what}`
  if (status === 412) return licenceError(entry, what)
  if (status === 429 || status === 503) {
    const retryAfterMs = readRetryAfter(answer.retryAfter)
    return new ScannerBusyError(`${start} now, it is busy or still starting (${status}${said})`, {
      scanner: entry.key,
      retryAfterMs,
    })
  }
  if (status >= 300 && status < 400) {
    return new PermanentError(
      `${start}: it answered with a redirect (${status}); its url must be the address of Nessus itself`,
    )
  }
  if (status === 401) {
    return new PermanentError(
      `${start}: ${entry.accessKey ? 'its API keys are' : 'its session is'} refused (401${said}); correct its entry`,
    )
  }
  if (status === 403) {
    return new PermanentError(
      `${start}: its user may not (403${said}); give the account the role Standard or higher, and the scan's permissions`,
    )
  }
  // A conflict passes; 408 and 5xx are the scanner's own trouble.
  if (status === 408 || status === 409 || status >= 500) return new Error(`${start} (${status}${said})`)
  return new PermanentError(`${start} (${status}${said})`)
}

/** For a scan that may not be touched by API. */
export function licenceError(entry: ScannerEntry, what: string): PermanentError {
  const remedy = entry.webSession
    ? "the web interface's token was refused too; log in to Nessus with a browser and check that its user may launch scans"
    : 'launch it in the Nessus web interface and read it from here, use Nessus Manager, or see web_session in docs/scanners.md'
  return new PermanentError(
    `scanner ${entry.key}: cannot ${what}, because its licence does not allow launching scans by API (412, scan_api); ${remedy}`,
  )
}

/** Retry-After in seconds is honoured up to ten minutes; 30 s where it is missing or a date (our clocks may differ). */
function readRetryAfter(text: string | undefined): number {
  const seconds = Number(text)
  return text !== undefined && text.trim() !== '' && seconds >= 0 ? Math.min(seconds * 1000, BUSY_MS_MAX) : BUSY_MS
}

function scannerWords({ text }: ScannerAnswer, secrets: readonly string[]): string {
  const data = parseJson(text)
  const error = typeof data === 'object' && data !== null && 'error' in data ? data.error : undefined
  if (typeof error !== 'string' || error === '') return ''
  const masked = secrets.reduce((words, secret) => (secret === '' ? words : words.replaceAll(secret, '***')), error)
  // oxlint-disable-next-line no-control-regex -- these are what must not reach a log
  return `: "${masked.slice(0, SCANNER_WORDS_MAX).replace(/[\u0000-\u001f\u007f]+/g, ' ')}"`
}

function secretsOf({ password, accessKey, secretKey }: ScannerEntry): string[] {
  return [password, accessKey, secretKey].filter((secret) => secret !== undefined)
}

function withoutValue(issue: v.BaseIssue<unknown>): v.BaseIssue<unknown> {
  return { ...issue, message: `expected ${issue.expected ?? 'another value'}` }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
