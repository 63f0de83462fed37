/**
 * Begins the adoptions that scanners.yaml schedules, and gives one that has lost its event another.
 *
 *   adopt.due → schedule-adoptions → adoption.due (one per scanner)
 *
 * Safe to run twice: an adoption begins only in the place of the one that was read here.
 */
import * as v from 'valibot'
import { upkeepFunction } from '../../lib/runtime/function.ts'
import {
  type Adoption,
  adoptionWrites,
  hasLostItsEvent,
  isAdopting,
  newAdoption,
  readAdoption,
} from '../../lib/scan-work/start/adoption.ts'
import type { ScannerEntry } from '../../lib/scanners/entry.ts'

export default upkeepFunction({
  name: 'schedule-adoptions',
  consumes: ['adopt.due'],
  input: v.object({}),
  emits: { 'adoption.due': v.object({ scanner: v.string(), turn: v.number() }) },

  async run(_data, context) {
    const { scanners, now, log } = context
    const begun = await Promise.all(
      scanners.entries().map(async (entry) => {
        const kept = await readAdoption(entry.key, context)
        const next = nextOf(entry, kept.adoption, now)
        if (!next) return []
        if (isAdopting(kept.adoption))
          log.warn('an adoption had lost its next turn', { scanner: entry.key, turn: next.turn })
        return [{ next, writes: adoptionWrites(next, kept, context) }]
      }),
    )
    const all = begun.flat()
    return {
      emit: all.map(({ next: { scanner, turn } }) => ({ type: 'adoption.due' as const, data: { scanner, turn } })),
      also: {
        guards: all.flatMap(({ writes }) => writes.guards),
        writes: all.flatMap(({ writes }) => writes.writes),
      },
    }
  },
})

/** The adoption that is to have an event now; `undefined` where none is. */
function nextOf(entry: ScannerEntry, last: Adoption | undefined, now: Date): Adoption | undefined {
  if (isAdopting(last)) {
    return hasLostItsEvent(last, now) ? { ...last, updated_at: now.toISOString() } : undefined
  }
  const { adopt, enabled, key } = entry
  if (!adopt || !enabled) return undefined
  const sinceMs = last?.scheduled_at === undefined ? Infinity : now.getTime() - Date.parse(last.scheduled_at)
  if (sinceMs < adopt.everyMs) return undefined
  const { folder, name, since, partial, limit } = adopt
  return newAdoption(key, { folder, name_filter: name, since, partial, runs_max: limit, by: 'schedule' }, last, now)
}
