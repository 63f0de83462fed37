/**
 * MCP tool `adopt_scans`: takes in all new runs of a folder, a name pattern or a whole scanner.
 *
 *   tool.adopt_scans → adopt_scans → adoption.due
 *
 * Safe to run twice: an unsettled run has begun nothing, and the scanner is only read.
 */
import * as v from 'valibot'
import { Refusal } from '../../lib/base/errors.ts'
import {
  adoptionWrites,
  isSameWish,
  isAdopting,
  newAdoption,
  readAdoption,
  RUNS_DEFAULT,
  RUNS_MAX,
} from '../../lib/scan-work/start/adoption.ts'
import { ScannerArguments, scannerNamed } from '../../lib/scan-work/start/scanner-argument.ts'
import { dateArgument, folderArgument, nameArgument, selected } from '../../lib/scan-work/start/scanner-selection.ts'
import { AdoptionView, adoptionView } from '../../lib/scan-work/show/adoption-view.ts'
import { tool } from '../../lib/runtime/tool.ts'

const flag = (says: string) => v.optional(v.pipe(v.boolean(), v.description(says)), false)

export default tool({
  name: 'adopt_scans',
  title: 'Take in all new runs from a scanner',
  description:
    'Takes in, in the background, every complete run of a folder, of a name pattern, or with neither of the whole Nessus scanner, that is not here yet. Each ' +
    'becomes a scan of its own; nothing is changed at the scanner. Called again it tells how far it is. Progress: list_adoptions.',
  toolset: 'scanners',
  nature: 'changes',
  arguments: v.object({
    ...ScannerArguments,
    folder: folderArgument,
    name_filter: nameArgument,
    since: dateArgument('Only runs that ended then or later.'),
    partial: flag('Also canceled and aborted runs.'),
    limit: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(RUNS_MAX), v.description('Runs to take in at most.')),
      RUNS_DEFAULT,
    ),
    stop: flag('End the one that is under way. What was taken in stays.'),
  }),
  output: AdoptionView,
  emits: { 'adoption.due': v.object({ scanner: v.string(), turn: v.number() }) },
  slow: true,

  async run({ folder, name_filter, since, partial, limit, stop, ...args }, context) {
    const entry = scannerNamed(args, context.scanners)
    const kept = await readAdoption(entry.key, context)
    const last = kept.adoption
    const view = async (adoption: NonNullable<typeof last>) => ({
      result: await adoptionView(adoption, entry, context),
    })
    if (stop) {
      if (!isAdopting(last)) throw new Refusal('conflict', `Nothing is being taken in from ${entry.instanceId}.`)
      const at = context.now.toISOString()
      const ended = { ...last, ended_at: at, updated_at: at, ended_early: 'it was stopped by a call' }
      return { also: adoptionWrites(ended, kept, context), reply: await view(ended) }
    }
    const { caller } = context
    const wanted = { folder, name_filter, since, partial, runs_max: limit, caller, by: 'call' as const }
    const next = newAdoption(entry.key, wanted, last, context.now)
    if (isAdopting(last)) {
      if (isSameWish(last, next)) return { reply: await view(last) }
      const message =
        `Another adoption from ${entry.instanceId} is under way since ${last.started_at}. Wait until it has ended (list_adoptions), ` +
        'or end it with stop: true.'
      throw new Refusal('conflict', message)
    }
    // A folder that is not there is said now, and not after the first turn.
    const total = selected(await context.scanners.scanner(entry.key).listing(), next).length
    const begun = { ...next, scans_total: total }
    return {
      also: adoptionWrites(begun, kept, context),
      emit: [{ type: 'adoption.due', data: { scanner: entry.key, turn: next.turn } }],
      reply: await view(begun),
    }
  },
})
