/**
 * The control: the same storm over workers whose settle has lost its fence. It
 * must break promises, or the chaos suite proves nothing.
 */
import { expect, onTestFinished, test } from 'vitest'
import { openTestLab } from '../support/lab.ts'
import { reportTable, runChaos } from './run-chaos.ts'
import { chooseSeed } from './seeded.ts'

const STORM_MS = 15_000
const HEAL_MS = 8000
const STORMS_MAX = 3

test('without its fence the system breaks promises in the same storm', { timeout: 240_000 }, async () => {
  // Where a process is hit is the machine's affair: one storm may pass by chance, three do not.
  let broken = 0
  for (let storm = 0; storm < STORMS_MAX && broken === 0; storm++) {
    const lab = openTestLab({ onTestFinished })
    const options = { lab, seed: chooseSeed() + storm, stormMs: STORM_MS, healMsMax: HEAL_MS, scansPerSecond: 6 }
    const report = await runChaos({ ...options, fenced: false })
    console.log(reportTable(report))
    // What comes to rest late is no proof: a history that was written twice is.
    broken = report.counts.history
  }
  expect(broken).toBeGreaterThan(0)
})
