/** What the scanner's answers hold: their data, checked, or the error to throw for what they mean. */
import * as v from 'valibot'
import { describeIssues } from '../../base/check.ts'
import { PermanentError } from '../../base/errors.ts'
import { maskSecrets } from '../../base/mask-secrets.ts'
import { ScanBusyError, ScannerAwayError, ScannerBusyError } from '../away-error.ts'
import type { ScannerEntry } from '../entry.ts'
import { ownWords, parseJson, type Meaning } from './answer-table.ts'
import type { ScannerAnswer } from './exchange.ts'

const BUSY_MS = 30_000
const BUSY_MS_MAX = 10 * 60_000
const SCANNER_WORDS_MAX = 200
/** Looked at before what is shown is cut, so that no secret is cut in two. */
const MASKED_CHARS_MAX = 40_000

/** What was asked is not as the scanner takes it; whoever asked may know what of it the caller can mend. */
export class RequestRefused extends PermanentError {}

export interface AnswerContext {
  readonly entry: ScannerEntry
  /** What was asked, to follow "cannot": `create a scan`. */
  readonly what: string
  /** Values that must not be repeated, should the scanner echo them. */
  readonly secrets?: readonly string[]
}

/** Checks a JSON answer. One that is not understood says something about the way: a proxy's or a half-started scanner's page is gone later. */
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
  const message = `cannot ${what}, because the answer is not understood: ${problem}`
  throw new ScannerAwayError(`scanner ${entry.key}: ${message}`, { scanner: entry.key })
}

/** The error for an answer that does not mean that it was done. */
export function answerError(
  meaning: Exclude<Meaning, 'done'>,
  answer: ScannerAnswer,
  { entry, what, secrets = [] }: AnswerContext,
): Error {
  const { status } = answer
  const said = scannerWords(answer, [...secretsOf(entry), ...secrets])
  const start = `scanner ${entry.key}: cannot ${what}`
  const away = (why: string) => new ScannerAwayError(`${start}${why}`, { scanner: entry.key })
  switch (meaning) {
    case 'request':
      return new RequestRefused(`${start} (${status}${said})`)
    case 'busy': {
      const retryAfterMs = readRetryAfter(answer.retryAfter)
      return new ScannerBusyError(`${start} now, it is busy or still starting (${status}${said})`, {
        scanner: entry.key,
        retryAfterMs,
      })
    }
    case 'late':
      return new ScanBusyError(`${start} now (${status}${said})`, { scanner: entry.key })
    case 'us':
    case 'way':
    case 'role':
    case 'licence':
    case 'gone':
      return away(hintOf(status, said, entry))
  }
}

/** For a scan that may not be touched by API. */
export function licenceError(entry: ScannerEntry, what: string): PermanentError {
  return new PermanentError(
    `scanner ${entry.key}: cannot ${what}, because its licence does not allow launching scans by API (412, scan_api); ` +
      'launch it in the Nessus web interface and read it from here, use Nessus Manager, or see web_session in docs/scanners.md',
  )
}

/** For a scan of more hosts than the scanner takes. */
export function hostsError(answer: ScannerAnswer, { entry, what, secrets = [] }: AnswerContext): PermanentError {
  const said = scannerWords(answer, [...secretsOf(entry), ...secrets])
  return new PermanentError(
    `scanner ${entry.key}: cannot ${what}: it takes fewer hosts (${answer.status}${said}); scan fewer targets, or see what its licence covers with list_scanners`,
  )
}

/** For a user whose role does not suffice. */
export function roleError(answer: ScannerAnswer, { entry, what, secrets = [] }: AnswerContext): PermanentError {
  const said = scannerWords(answer, [...secretsOf(entry), ...secrets])
  return new PermanentError(
    `scanner ${entry.key}: cannot ${what}: its user may not (403${said}); give the account the role Standard or higher, and the scan's permissions`,
  )
}

/** What to do about an answer that is not the scanner's word on what was asked, to follow `cannot …`. */
function hintOf(status: number, said: string, entry: ScannerEntry): string {
  if (status >= 300 && status < 400) {
    return `: it answered with a redirect (${status}); its url must be the address of Nessus itself`
  }
  switch (status) {
    case 200:
      return ', because the answer is not understood: expected JSON, got something else; a proxy may stand before it'
    case 400:
      return ` (400${said})${entry.url.startsWith('http:') ? '; check whether its url should begin with https://' : ''}`
    case 401:
      return `: ${entry.accessKey ? 'its API keys are' : 'its session is'} refused (401${said}); correct its entry`
    case 403:
      return `: its user may not (403${said}), or a proxy refuses; check the account's role and the scan's permissions`
    case 404:
      return ` (404${said}); if it lasts, check its url, and what stands before the scanner`
    case 412:
      return entry.webSession
        ? "; the web interface's token is refused (412); log in to Nessus with a browser and check that its user may launch scans"
        : '; it is refused without the scan API (412); see what its licence allows with list_scanners, or do it in the web interface of Nessus'
    default:
      return ` (${status}${said})`
  }
}

/** Retry-After in seconds is honoured up to ten minutes; 30 s where it is missing or a date (our clocks may differ). */
function readRetryAfter(text: string | undefined): number {
  const seconds = Number(text)
  return text !== undefined && text.trim() !== '' && seconds >= 0 ? Math.min(seconds * 1000, BUSY_MS_MAX) : BUSY_MS
}

function scannerWords({ text, bore = [] }: ScannerAnswer, secrets: readonly string[]): string {
  const words = ownWords(parseJson(text))
  if (words === undefined) return ''
  const masked = maskSecrets(words.slice(0, MASKED_CHARS_MAX), [...secrets, ...bore])
  // oxlint-disable-next-line no-control-regex -- these are what must not reach a log
  return `: "${masked.slice(0, SCANNER_WORDS_MAX).replace(/[\u0000-\u001f\u007f]+/g, ' ')}"`
}

function secretsOf({ password, accessKey, secretKey, proxy }: ScannerEntry): string[] {
  return [password, accessKey, secretKey, proxy?.password].filter((secret) => secret !== undefined)
}

function withoutValue(issue: v.BaseIssue<unknown>): v.BaseIssue<unknown> {
  return { ...issue, message: `expected ${issue.expected ?? 'another value'}` }
}
