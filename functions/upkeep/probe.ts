/**
 * Looks at every enabled scanner and notes its health; one that has come back
 * may take waiting scans again. Copies kept of entries are brought up to date.
 *
 *   probe.due → probe → slot.freed (per pool with a scanner that has come back)
 *
 * Safe to run twice: it looks, and writes what it saw.
 */
import { defined } from '../../lib/base/defined.ts'
import * as v from 'valibot'
import { upkeepFunction } from '../../lib/runtime/function.ts'
import { afterProbe, canTakeScans, healthWrite, knownHealth } from '../../lib/scanners/health.ts'
import { changedCopies } from '../../lib/scanners/kept-entries.ts'

export default upkeepFunction({
  name: 'probe',
  consumes: ['probe.due'],
  input: v.object({}),
  emits: { 'slot.freed': v.object({ pool: v.string() }) },

  async run(_data, context) {
    const { scanners, keyspace, scanKeys, now, log } = context
    const before = await knownHealth(keyspace, scanKeys, now)
    const entries = scanners.entries().filter((entry) => entry.enabled)
    const seen = await Promise.all(
      entries.map(async ({ key, pool }) => {
        const { ready, problem, launch, role } = await scanners.scanner(key).probe()
        const probed = { ready, launch, checked_at: now.toISOString(), ...defined({ problem, role }) }
        const health = afterProbe(before.get(key), probed)
        const [could, can] = [canTakeScans(before.get(key)), canTakeScans(health)]
        if (could && !can) log.warn('scanner takes no scans', { scanner: key, problem: health.problem, launch })
        if (!could && can) log.info('scanner takes scans again', { scanner: key })
        return { key, pool, health, back: can && !could }
      }),
    )
    const pools = new Set(seen.filter(({ back }) => back).map(({ pool }) => pool))
    return {
      emit: [...pools].map((pool) => ({ type: 'slot.freed' as const, data: { pool } })),
      also: {
        guards: [],
        writes: [
          ...seen.map(({ key, health }) => healthWrite(scanKeys, key, health)),
          ...(await changedCopies(context)),
        ],
      },
    }
  },
})
