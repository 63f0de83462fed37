import { loadSettings } from '../../../config/settings.ts'
import { PermanentError } from '../../../lib/base/errors.ts'
import { complain, EXIT_USAGE } from '../commands/run-until-stopped.ts'
import { asOperator, type Operator } from './operator-bus.ts'

/** Runs an operator's command; its number is the exit code. What goes wrong is one sentence and its causes on standard error. */
export async function runOperator(work: (operator: Operator) => Promise<number>): Promise<void> {
  // `dead replay --all | head` loses its reader, and must not stop half-way for that.
  process.stdout.on('error', () => {})
  try {
    process.exitCode = await asOperator(loadSettings(process.env), work)
  } catch (error) {
    complain(error)
    process.exitCode = error instanceof PermanentError ? EXIT_USAGE : 1
  }
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2))
}
