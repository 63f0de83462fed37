/**
 * The chaos suite: whatever dies, whenever it dies, every accepted scan ends once
 * and right. `npm run soak` runs it for SOAK_MINUTES; SEED repeats a schedule.
 */
import { expect, onTestFinished, test } from 'vitest'
import { openTestLab } from '../support/lab.ts'
import { reportTable, runChaos } from './run-chaos.ts'
import { chooseSeed } from './seeded.ts'

const SHORT_STORM_MS = 20_000
const SHORT_HEAL_MS = 120_000
/** A retry may be minutes away after a long series of faults. */
const LONG_HEAL_MS = 300_000
const SCANS_PER_SECOND = 3

const minutes = Number(process.env['SOAK_MINUTES'] ?? 0)
const stormMs = minutes > 0 ? minutes * 60_000 : SHORT_STORM_MS
const healMsMax = minutes > 0 ? LONG_HEAL_MS : SHORT_HEAL_MS

test(
  'gateways, workers, Redis and scanners break in all ways at once, and no promise is broken',
  { timeout: stormMs + healMsMax + 300_000 },
  async () => {
    const lab = openTestLab({ onTestFinished })
    const report = await runChaos({ lab, seed: chooseSeed(), stormMs, healMsMax, scansPerSecond: SCANS_PER_SECOND })
    console.log(reportTable(report))
    expect({ seed: report.seed, violations: report.violations, complaints: report.complaints }).toEqual({
      seed: report.seed,
      violations: [],
      complaints: [],
    })
    expect(report.scans).toBeGreaterThan(0)
  },
)
