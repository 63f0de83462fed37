/** `nessus-mcp dead`: the dead letters, for operators. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Command, InvalidArgumentError } from 'commander'
import { Refusal } from '../../../lib/base/errors.ts'
import { letterGone } from '../../../lib/scan-work/recover/letter-gone.ts'
import { countLetters } from '../../../lib/scan-work/recover/count-letters.ts'
import { readLetters, type DeadLetter } from '../../../lib/scan-work/recover/read-letters.ts'
import { planReplay, replayLetter } from '../../../lib/scan-work/recover/replay-letter.ts'
import { chooses, filterOf, withLetterOptions, type LetterFlags } from '../operator/letter-options.ts'
import { letterJson, letterLine, letterPage, type ReplayProspect } from '../operator/letter-views.ts'
import type { Operator } from '../operator/operator-bus.ts'
import { print, printJson, runOperator } from '../operator/run-operator.ts'

const EXIT_SOME_FAILED = 1
const EXIT_NONE = 5
const LISTED_DEFAULT = 50

interface ChangeFlags extends LetterFlags {
  readonly all: boolean
  readonly dryRun: boolean
  readonly rate: number
}

export function deadCommand(): Command {
  return new Command('dead')
    .description('look at, replay or discard what was given up (dead letters)')
    .addHelpText('after', EXAMPLES)
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(changeCommand('replay', 'put events back to work, and their scans back to where they were', replay))
    .addCommand(changeCommand('discard', 'remove letters for good; their scans stay failed', discard))
    .addCommand(statsCommand())
}

const EXAMPLES = `
Examples:
  nessus-mcp dead list --since 1d
  nessus-mcp dead show abc…@export
  nessus-mcp dead replay --function export --dry-run
  nessus-mcp dead replay --all --rate 5
  nessus-mcp dead discard --scan ns_local_20261121_093000_1f2e3d4c

Exit codes: 0 done, 1 some could not be replayed or discarded, 2 wrong use, 5 no such letter.`

function listCommand(): Command {
  return withLetterOptions(new Command('list'))
    .description('list letters, oldest first')
    .option('--limit <number>', 'how many', whole, LISTED_DEFAULT)
    .action((flags: LetterFlags & { limit: number }) =>
      runOperator(async (operator) => {
        const found = await collect(operator, [], flags, flags.limit + 1)
        const shown = found.slice(0, flags.limit)
        if (flags.json) printJson(shown.map(letterJson))
        else if (shown.length === 0) print('There are no dead letters that fit.')
        else for (const letter of shown) print(letterLine(letter))
        if (found.length > shown.length && !flags.json) print(`… and more; --limit ${flags.limit * 10} shows them.`)
        return 0
      }),
    )
}

function showCommand(): Command {
  return new Command('show')
    .description('show one letter whole: which step, what the scanner answered, how often it was tried, what to do')
    .argument('<id>', 'as `dead list` shows it')
    .option('--json', 'machine-readable', false)
    .action((id: string, flags: { json: boolean }) =>
      runOperator(async (operator) => {
        const [letter] = await collect(operator, [id], {}, 1)
        if (!letter) return none(id)
        if (flags.json) printJson(letterJson(letter))
        else print(letterPage(letter, await prospect(letter, operator)))
        return 0
      }),
    )
}

async function prospect(letter: DeadLetter, operator: Operator): Promise<ReplayProspect> {
  try {
    return { isPossible: true, says: (await planReplay(letter, operator)).does }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { isPossible: false, says: error.message }
  }
}

type Change = (letter: DeadLetter, operator: Operator, dryRun: boolean) => Promise<string>

function changeCommand(name: string, description: string, change: Change): Command {
  return withLetterOptions(new Command(name))
    .description(description)
    .argument('[ids...]', 'as `dead list` shows them')
    .option('--all', 'every letter', false)
    .option('--dry-run', 'only say what would be done', false)
    .option('--rate <number>', 'letters per second at most', whole, 20)
    .action((ids: string[], flags: ChangeFlags, command: Command) => {
      if (!flags.all && !chooses(ids, flags))
        command.error(`error: say which letters to ${name}, or --all`, { exitCode: 2 })
      return runOperator((operator) => changeLetters(operator, ids, flags, change))
    })
}

async function changeLetters(operator: Operator, ids: readonly string[], flags: ChangeFlags, change: Change) {
  // Chosen before the first is changed: a letter that dies again must not come round in the same run.
  const letters = await collect(operator, ids, flags, Number.POSITIVE_INFINITY)
  if (letters.length === 0) return none(ids.join(' '))
  const report: { id: string; done: boolean; says: string }[] = []
  for (const letter of letters) {
    try {
      report.push({ id: letter.id, done: true, says: await change(letter, operator, flags.dryRun) })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      report.push({ id: letter.id, done: false, says: error.message })
    }
    if (!flags.json) print(`${report.at(-1)!.id}  ${report.at(-1)!.says}`)
    if (!flags.dryRun && letters.length > 1) await sleep(1000 / flags.rate)
  }
  const failed = report.filter(({ done }) => !done).length
  if (flags.json) printJson(report)
  else print(`${report.length - failed} of ${report.length} ${flags.dryRun ? 'would be done' : 'done'}.`)
  return failed === 0 ? 0 : EXIT_SOME_FAILED
}

async function replay(letter: DeadLetter, operator: Operator, dryRun: boolean): Promise<string> {
  const plan = await planReplay(letter, operator)
  if (dryRun) return plan.does
  return (await replayLetter(letter, who(), operator)) ? plan.does : 'had been replayed or discarded already'
}

async function discard(letter: DeadLetter, { bus }: Operator, dryRun: boolean): Promise<string> {
  if (dryRun) return 'would be discarded'
  const open = await bus.keyspace.field(bus.keys.openLetters, letter.id)
  if (open === undefined) {
    const [entry] = await bus.keyspace.entries(bus.keys.dead, letter.entryId, 1)
    if (entry?.id !== letter.entryId) return 'had been replayed or discarded already'
  }
  const result = await bus.publish([], letterGone(letter, { why: 'discarded', who: who(), open }, bus.keys))
  return result === 'settled' ? 'discarded' : 'had been replayed or discarded already'
}

function statsCommand(): Command {
  return new Command('stats')
    .description('count letters by function and error')
    .option('--json', 'machine-readable', false)
    .action((flags: { json: boolean }) =>
      runOperator(async (operator) => {
        const rows = await countLetters(operator.bus)
        if (flags.json) printJson(rows)
        else if (rows.length === 0) print('There are no dead letters.')
        for (const row of flags.json ? [] : rows) {
          const more = row.not_kept === 0 ? '' : `  (and ${row.not_kept} more, not kept)`
          print(`${String(row.letters).padStart(6)}  ${row.function.padEnd(10)}  ${row.error}${more}`)
        }
        return 0
      }),
    )
}

async function collect(
  { bus }: Operator,
  ids: readonly string[],
  flags: LetterFlags,
  limit: number,
): Promise<DeadLetter[]> {
  const found: DeadLetter[] = []
  for await (const letter of readLetters(bus.keyspace, bus.keys, filterOf(ids, flags))) {
    if (found.push(letter) >= limit) break
  }
  return found
}

function none(ids: string): number {
  process.stderr.write(
    `nessus-mcp: no dead letter fits${ids === '' ? '' : `: ${ids}`}. See \`nessus-mcp dead list\`.\n`,
  )
  return EXIT_NONE
}

function who(): string {
  return process.env['SUDO_USER'] ?? process.env['USER'] ?? 'operator'
}

function whole(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new InvalidArgumentError('Expected a whole number from 1.')
}
