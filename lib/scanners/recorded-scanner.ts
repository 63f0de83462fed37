/** A scanner whose every call is written down, for scans in debug mode: what was asked, what came, how long it took. Never credentials. */
import { shownMethod } from '../facts/credential-kinds.ts'
import type { NewScan, Scanner } from './scanner.ts'

/** Takes one line of the record. */
export type WriteLine = (line: string) => Promise<void>

export function recordedScanner(scanner: Scanner, write: WriteLine, now: () => Date): Scanner {
  const wrapped = Object.entries(scanner).map(([name, call]) => [
    name,
    async (...args: unknown[]) => {
      const startMs = now().getTime()
      const say = (fields: object) =>
        write(
          JSON.stringify({
            time: now().toISOString(),
            call: name,
            args: shown(name, args),
            ms: now().getTime() - startMs,
            ...fields,
          }),
        )
      try {
        const answer: unknown = await (call as (...each: unknown[]) => Promise<unknown>)(...args)
        await say({ answer: shownAnswer(name, answer) })
        return answer
      } catch (error) {
        await say({ error: error instanceof Error ? error.message : 'unknown' })
        throw error
      }
    },
  ])
  return Object.fromEntries(wrapped) as Scanner
}

function shown(name: string, given: readonly unknown[]): unknown {
  const args = given.filter((arg) => typeof arg !== 'function')
  if (name !== 'create') return name === 'exportState' || name === 'download' ? args.slice(0, 1) : args
  const { credentials, moreCredentials = [], ...rest } = args[0] as NewScan
  const all = [...(credentials ? [credentials] : []), ...moreCredentials]
  const methods = all.map(shownMethod).join(', ')
  return [{ ...rest, credentials: all.length === 0 ? 'none' : `${methods} (not shown)` }]
}

/** An export's handle opens the report to anyone, and a report is no log line. */
function shownAnswer(name: string, answer: unknown): unknown {
  return name === 'requestExport' || name === 'download' ? 'not shown' : (answer ?? null)
}
