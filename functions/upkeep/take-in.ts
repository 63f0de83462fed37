/**
 * Takes in the next runs of an adoption that is under way, and goes on by turns until it has seen to all.
 *
 *   adoption.due → take-in → scan.finished (one per run), adoption.due (while there is more)
 *
 * Safe to run twice: the scanner is only read, and a turn counts only from the adoption as it was read here.
 */
import * as v from 'valibot'
import { Refusal } from '../../lib/base/errors.ts'
import { upkeepFunction } from '../../lib/runtime/function.ts'
import { nothing, says } from '../../lib/runtime/outcome.ts'
import { adoptionWrites, isAdopting, readAdoption, type Adoption } from '../../lib/scan-work/start/adoption.ts'
import { takeTurn, type AdoptionTurn } from '../../lib/scan-work/start/adoption-turn.ts'
import { keepWrite } from '../../lib/scanners/kept-entries.ts'

/** Until some of what was taken in has been read. */
const FULL_PAUSE_MS = 500
const TROUBLE_PAUSE_MS = 30_000

const AdoptionDue = v.object({ scanner: v.string(), turn: v.number() })

export default upkeepFunction({
  name: 'take-in',
  consumes: ['adoption.due'],
  concurrency: 4,
  input: AdoptionDue,
  emits: {
    'scan.finished': v.object({}),
    'adoption.due': says('An adoption goes on with its next turn.', { scanner: v.string(), turn: v.number() }),
  },

  async run({ scanner: key, turn }, context) {
    const kept = await readAdoption(key, context)
    const { adoption } = kept
    if (!isAdopting(adoption) || adoption.turn !== turn) return nothing
    const at = context.now.toISOString()
    const ending = (why: string) => ({
      also: adoptionWrites({ ...adoption, ended_at: at, ended_early: why }, kept, context),
    })
    const entry = context.scanners.find(key)
    if (!entry?.enabled) return ending(`scanner ${key} is not configured any more, or is disabled`)
    let took: AdoptionTurn
    try {
      took = await takeTurn(adoption, { entry, scanner: context.scanners.scanner(key), context })
    } catch (error) {
      // Such as a folder that is no more: no later turn would find it.
      if (error instanceof Refusal) return ending(error.message)
      const trouble = {
        since: adoption.trouble?.since ?? at,
        message: error instanceof Error ? error.message : String(error),
      }
      took = { adoption: { ...adoption, trouble }, begun: [], notes: [], isLast: false, isFull: true }
    }
    const next = ended({ ...took.adoption, turn: turn + 1, updated_at: at }, took, at)
    const { guards, writes } = adoptionWrites(next, kept, context)
    const pauseMs = next.trouble ? TROUBLE_PAUSE_MS : took.isFull ? FULL_PAUSE_MS : 0
    return {
      scans: took.begun,
      emit: [
        ...took.begun.map(({ after }) => ({ type: 'scan.finished' as const, data: {}, subject: after!.task_id })),
        ...(isAdopting(next)
          ? [{ type: 'adoption.due' as const, data: { scanner: key, turn: turn + 1 }, subject: null, afterMs: pauseMs }]
          : []),
      ],
      also: {
        guards,
        writes: [...writes, ...took.notes, ...(took.begun.length > 0 ? [keepWrite(entry, context)] : [])],
      },
    }
  },
})

function ended(adoption: Adoption, { isLast }: AdoptionTurn, at: string): Adoption {
  if (isLast) return { ...adoption, ended_at: at }
  if (adoption.counts.taken < adoption.runs_max) return adoption
  return {
    ...adoption,
    ended_at: at,
    ended_early: `it has taken in ${adoption.runs_max} runs, its limit; there may be more`,
  }
}
