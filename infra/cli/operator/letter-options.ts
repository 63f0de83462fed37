/** The options by which operators choose dead letters. */
import { InvalidArgumentError, type Command } from 'commander'
import type { LetterFilter } from '../../../lib/scan-work/recover/read-letters.ts'

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A letter's id that begins with a dash, as older versions made them. */
const DASHED_ID = /^-[\w-]{21}@[a-z-]+$/

/** The command line with such ids behind `--`, where nothing is an option. */
export function letterIdsLast(args: readonly string[]): readonly string[] {
  const ids = args[0] === 'dead' ? args.filter((arg) => DASHED_ID.test(arg)) : []
  if (ids.length === 0 || args.includes('--')) return args
  return [...args.filter((arg) => !DASHED_ID.test(arg)), '--', ...ids]
}

export interface LetterFlags {
  readonly scan?: string
  readonly function?: string
  readonly error?: string
  readonly since?: Date
  readonly until?: Date
  readonly json?: boolean
}

export function withLetterOptions(command: Command): Command {
  return command
    .option('--scan <task-id>', 'only letters of this scan')
    .option('--function <name>', 'only letters of this function, such as export')
    .option('--error <text>', 'only letters with this in an error message')
    .option(
      '--since <time>',
      'only from this time on: 2026-11-21, 2026-11-21T09:30Z, or how long ago: 90s, 30m, 2h, 7d',
      time,
    )
    .option('--until <time>', 'only up to this time', time)
    .option('--json', 'machine-readable', false)
}

export function filterOf(ids: readonly string[], flags: LetterFlags): LetterFilter {
  return {
    ids: ids.length === 0 ? undefined : ids,
    taskId: flags.scan,
    function: flags.function,
    error: flags.error,
    since: flags.since,
    until: flags.until,
  }
}

/** Whether anything narrows the letters down: what changes letters wants that, or `--all`. */
export function chooses(ids: readonly string[], flags: LetterFlags): boolean {
  const { scan, error, since, until } = flags
  return ids.length > 0 || [scan, flags.function, error, since, until].some((each) => each !== undefined)
}

function time(text: string): Date {
  const [, amount, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? []
  const date = amount === undefined ? new Date(text) : new Date(Date.now() - Number(amount) * UNITS_MS[unit]!)
  if (Number.isNaN(date.getTime())) {
    throw new InvalidArgumentError('Expected a time like 2026-11-21T09:30Z, or how long ago like 2h.')
  }
  return date
}
