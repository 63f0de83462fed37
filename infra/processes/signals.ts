/**
 * The signals that a long-lived process takes, and the streams it prints to.
 *
 *   SIGINT, SIGTERM            stop: what is running is settled first; a second one ends at once
 *   SIGHUP                     the configuration is read anew, and everything goes on
 *   SIGHUP, its terminal gone  stop: whoever started it there closed the window
 *
 * A reader of its output that goes away (a log collector, a closed window) ends nothing.
 */
import { isatty } from 'node:tty'

const EXIT_FAILURE = 1
/** A terminal's Ctrl-C reaches us and npm, which passes it on: so soon after the first it is the same one. */
const ECHO_MS = 500
/** Standard input, output and error. */
const STREAMS = [0, 1, 2] as const

export interface Signals {
  /** Resolves when the process is to stop: with the reason when that is a failure. */
  readonly stopped: Promise<string | undefined>
  /** Stops the process as if by a signal, with a failure. */
  readonly fail: (reason: string) => void
}

/** Takes the signals from here on. `reload` is called at each SIGHUP that does not stop. */
export function takeSignals(reload: () => void): Signals {
  const terminals = STREAMS.filter((stream) => isatty(stream))
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  let fail: (reason: string) => void = () => {}
  const stopped = new Promise<string | undefined>((resolve) => {
    fail = resolve
    let firstMs: number | undefined
    const stop = () => {
      firstMs ??= performance.now()
      resolve(undefined)
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (firstMs !== undefined && performance.now() - firstMs > ECHO_MS) process.exit(EXIT_FAILURE)
        stop()
      })
    }
    // Shells and systems send it more than once when a terminal closes: it never ends a process that is stopping.
    process.on('SIGHUP', () => (terminalIsGone(terminals) ? stop() : reload()))
  })
  return { stopped, fail }
}

/** A stream that was a terminal at the start, and is none any more, was hung up. Windows sends SIGHUP for nothing else. */
function terminalIsGone(terminals: readonly number[]): boolean {
  return process.platform === 'win32' || terminals.some((stream) => !isatty(stream))
}
