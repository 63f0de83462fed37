/** How a command ends when something went wrong: one sentence for people, one line of JSON for programs, and an exit code. */
import { EXIT, type ExitCode } from './exit-codes.ts'

const CAUSES_MAX = 5
/** Refusals that the caller can mend by asking differently. */
const USAGE_CODES = new Set(['invalid_argument', 'too_large'])
const USAGE_ERRORS = new Set(['PermanentError', 'Refusal', 'TypeError'])

/** By name, so that commands that never talk to a gateway need not load the client. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof Error)) return EXIT.failure
  const code = 'code' in error ? error.code : undefined
  if (error.name === 'ConnectionError') return EXIT.unreachable
  if (error.name === 'TaskNotFoundError' || code === 'not_found') return EXIT.notFound
  if (error.name === 'AbortError') return EXIT.interrupted
  if (USAGE_ERRORS.has(error.name) || (typeof code === 'string' && USAGE_CODES.has(code))) return EXIT.usage
  return EXIT.failure
}

/** The lines for standard error. */
export function describeFailure(error: unknown, { json }: { json: boolean }): string {
  if (json) return `${JSON.stringify({ error: plain(error) })}\n`
  return `nessus-mcp: ${messages(error).join('\n  because: ')}\n`
}

function plain(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { code: 'internal', message: String(error) }
  const details = 'details' in error && typeof error.details === 'object' ? error.details : {}
  return { ...details, code: codeOf(error), message: error.message }
}

function codeOf(error: Error): string {
  if ('code' in error && typeof error.code === 'string') return error.code
  if (error.name === 'ConnectionError') return 'unreachable'
  if (error.name === 'TimeoutError') return 'timeout'
  return exitCodeOf(error) === EXIT.usage ? 'invalid_argument' : 'internal'
}

/** The client's errors say everything themselves; others are told with their causes. */
function messages(error: unknown): string[] {
  const told: string[] = []
  let current = error
  while (current instanceof Error && told.length < CAUSES_MAX) {
    told.push(current.message)
    if (current.name === 'ConnectionError' || 'tool' in current) break
    current = current.cause
  }
  return told.length === 0 ? [String(error)] : told
}
