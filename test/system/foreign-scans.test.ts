/**
 * Other people's scans are never touched, by the simulator's own count, and every
 * scan of ours ends right, in generated histories of a scanner that is shared,
 * reinstalled and moved.
 *
 *   SEED=213 npx vitest run test/system/foreign-scans.test.ts         that history again, with its trace
 *   HISTORIES=1000 npx vitest run test/system/foreign-scans.test.ts   more of them
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSimulator, type Simulator } from '../../infra/simulator/simulator.ts'
import { START_MS } from '../support/world.ts'
import { playHistory, SCAN_SECONDS } from './foreign-scans/history.ts'

const { SEED, HISTORIES } = process.env
const IN_ONE = 25
const seeds = SEED ? [Number(SEED)] : Array.from({ length: Number(HISTORIES ?? 25) }, (_, i) => i + 1)
const batches = Array.from({ length: Math.ceil(seeds.length / IN_ONE) }, (_, n) =>
  seeds.slice(n * IN_ONE, (n + 1) * IN_ONE),
)

const clock = {
  ms: START_MS,
  advance(toMs: number) {
    clock.ms = toMs
  },
}
/** Two that say which Nessus they are, and two that say as little as an old one. */
const pairs: [Simulator, Simulator][] = []
beforeAll(async () => {
  for (const quirks of [{}, { tellsServerUuid: false, tellsStandIn: false }]) {
    const options = { scanSeconds: SCAN_SECONDS, clock: { now: () => clock.ms }, quirks }
    pairs.push([await startSimulator({ ...options, seed: 1 }), await startSimulator({ ...options, seed: 2 })])
  }
})
afterAll(() => Promise.all(pairs.flat().map((each) => each.close())))

test.each(batches)(
  'histories from seed %i on leave what is not ours alone (O5)',
  { timeout: 300_000 },
  async (...batch) => {
    for (const seed of batch) {
      const { wrong, trace } = await playHistory(seed, pairs[seed % 2]!, clock)
      if (SEED) console.log(trace.join('\n'))
      expect(wrong, `SEED=${seed} npx vitest run test/system/foreign-scans.test.ts`).toEqual([])
    }
  },
)
