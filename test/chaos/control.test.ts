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

test('without its fence the system breaks promises in the same storm', { timeout: 120_000 }, async () => {
  const lab = openTestLab({ onTestFinished })
  const options = { lab, seed: chooseSeed(), stormMs: STORM_MS, healMsMax: HEAL_MS, scansPerSecond: 6 }
  const report = await runChaos({ ...options, fenced: false })
  console.log(reportTable(report))
  // What comes to rest late is no proof: a history that was written twice is.
  expect(report.counts.history).toBeGreaterThan(0)
})
