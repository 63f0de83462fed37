/** One run of the chaos suite: traffic and trouble for a while, then healing, rest, and the judge. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { clearFaults, readCounts } from '../support/simulator-judge.ts'
import type { Lab } from '../support/lab.ts'
import { startFleet, type Fleet } from './fleet.ts'
import { judge, tally, type Promised, type Violation } from './judge.ts'
import { followLog, type HeardEntry } from './log-follower.ts'
import { delayed, inboxDepths, storedScans, withRedis, type StoredScan } from './redis-eye.ts'
import { makeSeeded } from './seeded.ts'
import { makeTraffic } from './traffic.ts'
import { makeTrouble, type Injected } from './trouble.ts'

const LOOK_EVERY_MS = 500

export interface ChaosOptions {
  readonly lab: Lab
  readonly seed: number
  readonly stormMs: number
  /** How long everything may take to come to rest afterwards. */
  readonly healMsMax: number
  readonly scansPerSecond: number
  /** false: the workers' settle has lost its fence. */
  readonly fenced?: boolean
}

export interface ChaosReport {
  readonly seed: number
  readonly scans: number
  readonly ended: Readonly<Record<string, number>>
  readonly faults: Readonly<Record<string, number>>
  readonly violations: readonly Violation[]
  readonly complaints: readonly string[]
  readonly counts: Readonly<Record<Promised, number>>
  readonly deadLetters: number
  readonly repeatedCalls: number
  /** Creations that a worker took back because it had lost its event meanwhile. */
  readonly undone: number
  /** From the mending of a fault to the next step of any scan, at most. */
  readonly longestRecoveryMs: number
  /** From the end of all trouble to rest. */
  readonly healedMs: number
}

export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { lab, seed, stormMs, healMsMax, scansPerSecond, fenced = true } = options
  const seeded = makeSeeded(seed)
  const fleet = await startFleet(lab, seeded, { fenced })
  const log = followLog(fleet.redis.socket)
  const endMs = performance.now() + stormMs
  // Each has numbers of its own, so that one's pace does not change the other's schedule.
  const traffic = makeTraffic(fleet, makeSeeded(seed + 1), { perSecond: scansPerSecond, endMs })
  const injected = await makeTrouble(fleet, makeSeeded(seed + 2), endMs)
  await Promise.all(fleet.simulators.map(({ url }) => clearFaults(url)))
  const calmAtMs = performance.now()
  const { accepted, complaints, repeated } = await traffic
  await untilRest(fleet, performance.now() + healMsMax)
  const healedMs = performance.now() - calmAtMs
  const heard = await log.stop()
  const counts = await Promise.all(fleet.simulators.map(({ url }) => readCounts(url)))
  const dataDir = join(lab.folder, 'data')
  return withRedis(fleet.redis.socket, async (client) => {
    const evidence = { client, dataDir, counts, accepted, log: heard, failuresAllowed: false }
    const scans = await storedScans(client)
    const violations = [...(await judge(evidence)), ...judgeFolders(dataDir, scans)]
    const created = counts.flatMap((each) => each.scans)
    return {
      seed,
      scans: accepted.length,
      ended: countBy(scans.map(({ status }) => status)),
      faults: faultsByKind(injected),
      violations,
      complaints,
      counts: tally(violations),
      deadLetters: await client.xLen('{nessus}:dead'),
      repeatedCalls: repeated,
      undone: created.filter(({ creates }) => creates > 1).length,
      longestRecoveryMs: longestRecovery(injected, heard),
      healedMs,
    }
  })
}

/** Resolves when nothing is under way any more, or the time is up: what is left then is for the judge. */
async function untilRest({ redis, simulators }: Fleet, endMs: number): Promise<void> {
  let calm = 0
  while (performance.now() < endMs && calm < 2) {
    await sleep(LOOK_EVERY_MS)
    const open = await withRedis(redis.socket, async (client) => {
      const scans = (await storedScans(client)).filter(({ status }) => status === 'queued' || status === 'running')
      return scans.length + Object.keys(await inboxDepths(client)).length + (await delayed(client)).length
    })
    const running = await Promise.all(simulators.map(async ({ url }) => (await readCounts(url)).totals['runningNow']!))
    calm = open === 0 && running.every((count) => count === 0) ? calm + 1 : 0
  }
}

/** Beside each record its snapshot, as it ended; no folder without a record. */
function judgeFolders(dataDir: string, scans: readonly StoredScan[]): Violation[] {
  const known = new Map(scans.map((scan) => [scan.task_id, scan]))
  const folders = readdirSync(dataDir).filter((name) => name.startsWith('ns_'))
  const abandoned = folders.filter((name) => !known.has(name))
  const stale = scans.filter(({ task_id: id, status }) => snapshotStatus(join(dataDir, id, 'task.json')) !== status)
  return [
    ...abandoned.map((name): Violation => ({ promise: 'left over', detail: `folder ${name} of a scan that is gone` })),
    ...stale.map(({ task_id: id, status }): Violation => ({
      promise: 'snapshot',
      detail: `${id} is ${status}, its task.json says ${snapshotStatus(join(dataDir, id, 'task.json'))}`,
    })),
  ]
}

function snapshotStatus(path: string): string {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as StoredScan).status : 'nothing'
}

function faultsByKind(injected: readonly Injected[]): Record<string, number> {
  const kinds = [...new Set(injected.map(({ kind }) => kind))].toSorted()
  return Object.fromEntries(
    kinds.map((kind) => [
      kind,
      injected.filter((each) => each.kind === kind).reduce((sum, { faults }) => sum + faults, 0),
    ]),
  )
}

function countBy(words: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    [...new Set(words)].toSorted().map((word) => [word, words.filter((each) => each === word).length]),
  )
}

function longestRecovery(injected: readonly Injected[], heard: readonly HeardEntry[]): number {
  const waits = injected.map(({ healedAtMs }) => {
    const next = heard.find(({ atMs }) => atMs >= healedAtMs)
    return next === undefined ? 0 : next.atMs - healedAtMs
  })
  return Math.max(0, ...waits)
}

/** The report as a person reads it. */
export function reportTable(report: ChaosReport): string {
  const { seed, scans, ended, faults, counts, violations, complaints, ...figures } = report
  const line = (values: Readonly<Record<string, number>>) =>
    Object.entries(values)
      .map(([name, value]) => `${name} ${Math.round(value)}`)
      .join(' · ')
  return [
    `chaos, SEED=${seed}: ${scans} scans (${line(ended)})`,
    `  faults      ${line(faults)}`,
    `  violations  ${line(counts)}`,
    `  figures     ${line(figures)}`,
    ...violations.slice(0, 30).map(({ promise, detail }) => `  ${promise}: ${detail}`),
    ...complaints.slice(0, 10).map((complaint) => `  complaint: ${complaint}`),
  ].join('\n')
}
