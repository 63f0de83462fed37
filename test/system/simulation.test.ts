/**
 * Runs the real functions on the in-memory bus, under a virtual clock, with a
 * seeded source of trouble: workers that die or oversleep at any gate, links to
 * the bus and to the scanners that break before and after each call, people who
 * stop, give up, repeat and meddle, doubled events, changing capacities. Then all heals,
 * dead letters are replayed, the retention time passes, and all along this holds:
 *
 *   S1.  Every accepted scan ends, once in each of its lives (a replay gives one more).
 *   S2.  A scan is launched at most once, and what its record does not name at the scanner has never run.
 *   S3.  Nothing runs at a scanner for a scan that has ended, and no clean-up that goes through leaves a run untold to stop.
 *   S4.  At every step, slots = running scans of ours; no admission goes above the capacity.
 *   S5.  At every step, queues and indexes = the scans in that state.
 *   S6.  Revisions are contiguous, and the log has each of them once.
 *   S7.  At rest, inboxes, leases and the delayed set are empty, but for clean-ups.
 *   S8.  The status of an ended scan agrees with what happened to it.
 *   S9.  Dead letters account for failed scans, are replayed once, and die of our trouble only.
 *   S10. The order of the queue is respected.
 *   S11. One request starts one scan, and what was promised exists.
 *   S12. After the retention time nothing of ours is left at the scanners but what nobody has read, and that is.
 *   S13. An event is in one place at a time: never twice among inbox and delayed events of a function.
 *
 *   SEED=213 npx vitest run test/system/simulation.test.ts                      that run again, with its trace
 *   SEEDS=5000 npx vitest run test/system/simulation.test.ts                    more of them
 *   PLANT='the fence is removed' npx vitest run test/system/simulation.test.ts  how many seeds notice it, and by what
 */
import { describe, expect, test } from 'vitest'
import { PLANTS } from './simulation/plant.ts'
import { simulate } from './simulation/simulate.ts'

const { SEED, SEEDS, PLANT } = process.env
const seeds = SEED ? [Number(SEED)] : Array.from({ length: Number(SEEDS ?? 200) }, (_, i) => i + 1)

describe.skipIf(PLANT)('whatever goes wrong, every scan ends well or says why', () => {
  test.each(seeds)('seed %i', async (seed) => {
    const { violation, trace } = await simulate(seed)
    if (SEED) console.log(trace.join('\n'))
    expect(violation, `SEED=${seed} npx vitest run test/system/simulation.test.ts`).toBeUndefined()
  })
})

describe.skipIf(SEED || SEEDS || PLANT)('the checks notice planted bugs', () => {
  test.each(Object.entries(PLANTS))('%s', async (_name, { plant, noticedBy, fromSeed = 1 }) => {
    for (let seed = fromSeed; seed < fromSeed + 300; seed++) {
      const { violation = '' } = await simulate(seed, plant)
      const check = violation.split(':')[0]!
      if (noticedBy.includes(check)) return
    }
    expect.fail(`none of 300 seeds noticed it by ${noticedBy.join(' or ')}`)
  })
})

describe.runIf(PLANT)('how many seeds notice', () => {
  test.each(Object.entries(PLANTS).filter(([name]) => PLANT === 'all' || name === PLANT))(
    '%s',
    async (name, { plant }) => {
      const counts = new Map<string, number>()
      for (const seed of seeds) {
        const { violation } = await simulate(seed, plant)
        const check = violation?.split(':')[0] ?? 'unnoticed'
        counts.set(check, (counts.get(check) ?? 0) + 1)
      }
      expect(counts.size).toBeGreaterThan(0)
      console.log(`${name}: ${[...counts].map(([check, count]) => `${check} ${count}`).join(', ')}`)
    },
  )
})
