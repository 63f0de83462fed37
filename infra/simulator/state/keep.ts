/**
 * A simulated scanner's memory on disk, so that its scans outlive the process
 * that simulates it, as a scanner's own outlive ours.
 *
 * Written whole before a request that changed something is answered (a large one now and then), and read at the start:
 * a run under way goes on from where it was. A file that cannot be read is left out, and said.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import * as v from 'valibot'
import type { Log } from '../../../lib/base/log.ts'
import type { Run, SimulatedScan } from './scan.ts'
import { runIsOver } from './scan.ts'

/** Above so many scans the file is written no more often than this. */
const SCANS_MANY = 500
const MANY_EVERY_MS = 1000
/** The oldest of those that have ended are forgotten beyond this. */
const SCANS_MAX = 5000

const Ms = v.number()
const By = v.optional(v.picklist(['caller', 'person']), 'caller')
const KeptRun = v.object({
  startedBy: By,
  historyId: v.number(),
  uuid: v.string(),
  targets: v.string(),
  durationMs: Ms,
  createdAtMs: Ms,
  status: v.picklist([
    'pending',
    'running',
    'pausing',
    'paused',
    'resuming',
    'stopping',
    'canceled',
    'completed',
    'aborted',
  ]),
  changedAtMs: Ms,
  startedAtMs: v.optional(Ms),
  endedAtMs: v.optional(Ms),
  workedMs: Ms,
  runningSinceMs: v.optional(Ms),
  step: v.number(),
})
const Outcome = v.picklist([
  'none',
  'unusable',
  'wrong-password',
  'authenticated',
  'failed-escalation',
  'privileged',
  'windows',
])
const KeptScan = v.object({
  id: v.number(),
  madeBy: By,
  uuid: v.string(),
  createdAtMs: Ms,
  templateUuid: v.string(),
  name: v.string(),
  description: v.string(),
  targets: v.string(),
  folderId: v.number(),
  policyId: v.optional(v.number()),
  changedAtMs: Ms,
  outcome: Outcome,
  credentials: v.array(v.object({ category: v.string(), type: v.string(), fields: v.record(v.string(), v.string()) })),
  settings: v.optional(v.record(v.string(), v.string())),
  families: v.optional(v.array(v.string())),
  individual: v.optional(v.record(v.string(), v.record(v.string(), v.string()))),
  audits: v.optional(v.array(v.string())),
  runs: v.array(KeptRun),
})
const KeptPolicy = v.object({
  id: v.number(),
  name: v.string(),
  description: v.string(),
  templateUuid: v.string(),
  owner: v.string(),
  permissions: v.number(),
  noTarget: v.boolean(),
  outcome: Outcome,
  changedAtMs: Ms,
})
const Kept = v.object({
  serverUuid: v.string(),
  /** How often it has been started: the ids it draws must not come again. */
  starts: v.number(),
  savedAtMs: Ms,
  nextScanId: v.number(),
  nextHistoryId: v.number(),
  scans: v.array(KeptScan),
  policies: v.optional(v.array(KeptPolicy), []),
})
export type Kept = v.InferOutput<typeof Kept>

/** What was kept; `undefined` when there is nothing, or nothing that can be read. */
export function readKept(file: string, log: Log): Kept | undefined {
  try {
    return v.parse(Kept, JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    log.warn('the simulated scanner begins anew: what it kept cannot be read', { file, error: String(error) })
    return undefined
  }
}

/** A kept scan as it goes on; its runs are taken up by the lifecycle. */
export function revived({ runs, ...scan }: Kept['scans'][number], savedAtMs: number): SimulatedScan {
  return { ...scan, policyId: scan.policyId, runs: runs.map((run) => revivedRun(run, savedAtMs)) }
}

function revivedRun(run: Kept['scans'][number]['runs'][number], savedAtMs: number): Run {
  const { startedAtMs, endedAtMs, runningSinceMs } = run
  const workedMs = run.workedMs + (runningSinceMs === undefined ? 0 : Math.max(0, savedAtMs - runningSinceMs))
  return { ...run, startedAtMs, endedAtMs, runningSinceMs: undefined, workedMs: Math.min(workedMs, run.durationMs) }
}

/** Writes what `state` tells to `file`; returns what is called after each change, and at the end. */
export function makeKeeper({ file, state, log }: { file: string; state: () => Kept; log: Log }) {
  let writtenMs = Number.NEGATIVE_INFINITY
  let told = false
  const write = () => {
    const kept = state()
    const ended = ({ runs }: Kept['scans'][number]) => runIsOver(runs.at(-1)?.status ?? 'empty')
    const surplus = new Set(kept.scans.filter(ended).slice(0, Math.max(0, kept.scans.length - SCANS_MAX)))
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
      const draft = `${file}.new`
      writeFileSync(draft, JSON.stringify({ ...kept, scans: kept.scans.filter((scan) => !surplus.has(scan)) }), {
        mode: 0o600,
      })
      renameSync(draft, file)
      writtenMs = performance.now()
      told = false
    } catch (error) {
      // A full disk must not end a simulation; it is said once.
      if (!told) log.warn('the simulated scanner is kept in memory alone', { file, error: String(error) })
      told = true
    }
  }
  return {
    changed(scans: number) {
      if (scans <= SCANS_MANY || performance.now() - writtenMs > MANY_EVERY_MS) write()
    },
    write,
  }
}
