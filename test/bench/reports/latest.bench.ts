/**
 * Measures questions over the latest look at each of many hosts, over many scans: with the index made, with it to be made,
 * after one more scan, and as it is without it. Run: npm run build, then
 * npx vitest run --config vitest.bench.config.ts test/bench/reports/latest
 * SCANS=500 HOSTS=10000 FINDINGS=20000 (a scan) NETWORKS=20 are what is aimed for; a tenth of it is made without these.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeScans, taskOf } from './many-scans.ts'

const number = (name: string, usual: number): number => Number(process.env[name] ?? usual)
const FLEET = {
  scans: number('SCANS', 50),
  hosts: number('HOSTS', 1000),
  findings: number('FINDINGS', 20_000),
  networks: number('NETWORKS', 5),
}
/** Reading all reports takes long: WITHOUT=1 asks for it. */
const WITHOUT = process.env['WITHOUT'] === '1' || FLEET.scans <= 50

interface Asked {
  readonly times: readonly { name: string; first: number; p50: number; worst: number; cpu: number; n: number }[]
  readonly answers: readonly unknown[]
  readonly rss: readonly number[]
  readonly peakMb: number
}

/** DATA=<folder> keeps the scans that are made there, and asks those that are there already. */
const KEPT = process.env['DATA']
const dataDir = KEPT ?? mkdtempSync(join(tmpdir(), 'bench-latest-'))
afterAll(() => {
  if (KEPT === undefined) rmSync(dataDir, { recursive: true, force: true })
})

const ask = (scans: number, from: 'index' | 'reports'): Asked =>
  JSON.parse(
    execFileSync('node', ['test/bench/reports/ask-latest.mjs', resolve('dist'), dataDir, String(scans), from], {
      encoding: 'utf8',
      maxBuffer: 1024 ** 3,
    }),
  ) as Asked

test('questions over the latest looks', { timeout: 3_600_000 }, async () => {
  const began = performance.now()
  const isMade = existsSync(join(dataDir, taskOf(FLEET.scans - 1)))
  const findings = isMade ? 'as kept' : await makeScans(dataDir, FLEET)
  rmSync(join(dataDir, 'latest.looks'), { force: true })
  console.log(FLEET, { findings, 'made in s': Math.round((performance.now() - began) / 1000) })
  const made = ask(FLEET.scans - 1, 'index')
  const oneMore = ask(FLEET.scans, 'index')
  const again = ask(FLEET.scans, 'index')
  const without = WITHOUT ? ask(FLEET.scans, 'reports') : undefined
  console.table(
    again.times.map(({ name, first, p50, worst, cpu, n }, at) => ({
      question: name,
      n,
      'first ms': first.toFixed(0),
      'p50 ms': p50.toFixed(0),
      'worst ms': worst.toFixed(0),
      'processor ms': cpu.toFixed(0),
      'without index ms': without?.times[at]?.first.toFixed(0),
    })),
  )
  console.log({
    'index MB': (statSync(join(dataDir, 'latest.looks')).size / 1e6).toFixed(1),
    'made from nothing, ms': Math.round(made.times[0]!.first),
    'made anew after one more scan, ms': Math.round(oneMore.times[0]!.first),
    'peak MB': { made: made.peakMb, oneMore: oneMore.peakMb, again: again.peakMb, without: without?.peakMb },
    'resident MB after each question': again.rss,
  })
  expect(again.answers).toEqual((without ?? oneMore).answers)
})
