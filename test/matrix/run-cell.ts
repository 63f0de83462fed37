/**
 * One cell of the scanner matrix: the real functions and the real client against a
 * simulated scanner over HTTP, under one clock that runs as fast as they do. Two
 * scans, one place: the first meets the fault, the second waits for the place.
 */
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulator, type Simulator } from '../../infra/simulator/simulator.ts'
import { functions } from '../../functions/index.ts'
import { silentLog } from '../../lib/base/log.ts'
import { makeReports } from '../../lib/reports/reports.ts'
import { runDelivery } from '../../lib/runtime/run-delivery.ts'
import { statusView } from '../../lib/scan-work/show/status-view.ts'
import { makeNessusScanner } from '../../lib/scanners/nessus/nessus-scanner.ts'
import { isFinal } from '../../lib/scans/states.ts'
import { scannerEntry } from '../support/fake-registry.ts'
import { LIMITS, makeWorld, replyTo, sealedCall, START_MS, type World } from '../support/world.ts'
import { faultOf, type Cell } from './cells.ts'

const VIRTUAL_MAX_MS = 4 * 3_600_000
const SCAN_SECONDS = 10
const LEASE_MS = 3_600_000
/** While a call is on its way, time goes by so much faster than outside: little enough for a fault of ten seconds to be met more than once. */
const TICK = { realMs: 10, virtualMs: 40 }
const STEP_MAX_MS = 5000
const PROBE_MS = 30_000
const SWEEP_MS = 60_000
const CACHE_BYTES = 1_048_576

export interface CellEnd {
  /** By scan, in the order in which they were asked for. */
  readonly statuses: readonly string[]
  readonly launches: readonly number[]
  /** Scans that are at the scanner still, by its own count. */
  readonly left: number
  readonly running: number
  readonly runningMax: number
  /** A status has said what its scan waits for. */
  readonly told: boolean
  readonly loginsRefused: number
  readonly faults: number
  /** Why a scan failed, if one did. */
  readonly failures: readonly string[]
}

export async function runCell(cell: Cell): Promise<CellEnd> {
  const clock = { ms: START_MS }
  const simulator = await startSimulator({ clock: { now: () => clock.ms }, scanSeconds: SCAN_SECONDS })
  const dataDir = mkdtempSync(join(tmpdir(), 'nessus-mcp-matrix-'))
  const { url, accessKey, secretKey, username, password } = simulator
  const { accessKey: _, secretKey: __, ...bare } = scannerEntry({ url, maxConcurrentScans: 1 })
  const entry = { ...bare, ...(cell.call === 'login' ? { username, password } : { accessKey, secretKey }) }
  const world = makeWorld({ entries: [entry], leaseMs: LEASE_MS })
  Object.defineProperty(world.clock, 'ms', {
    get: () => clock.ms,
    set(ms: number) {
      clock.ms = ms
    },
  })
  const client = makeNessusScanner({ entry, now: () => clock.ms })
  const services = {
    ...world.services,
    scanners: { ...world.scanners, scanner: () => client },
    reports: makeReports({ dataDir, cacheBytesMax: CACHE_BYTES, log: silentLog }),
    limits: { ...LIMITS, scanTimeoutMs: 24 * 3_600_000, pollIntervalMs: 5000, scannerRetentionMs: 5000 },
  }
  const time = setInterval(() => (clock.ms += TICK.virtualMs), TICK.realMs)
  try {
    simulator.control.faults.add(faultOf(cell))
    return await play(cell, { world, services, simulator, clock })
  } finally {
    clearInterval(time)
    await client.close()
    await simulator.close()
    await rm(dataDir, { recursive: true, force: true })
  }
}

interface Stage {
  readonly world: World
  readonly services: World['services']
  readonly simulator: Simulator
  readonly clock: { ms: number }
}

async function play(cell: Cell, stage: Stage): Promise<CellEnd> {
  const { world, services, simulator, clock } = stage
  const runner = world.runner(world.bus, { services })
  const { server } = world
  const ids: string[] = []
  let calls = 0
  let told = false
  const deliver = async (name: string): Promise<void> => {
    const [delivery] = await world.bus.pull(new Map([[name, 1]]))
    if (delivery) await runDelivery(delivery, runner)
    for (const id of ids) told ||= await saysTrouble(id, stage)
  }
  const ask = async (tool: string, args: Record<string, unknown>) => {
    const id = `ask-${(calls += 1)}`
    const call = sealedCall({ tool, args, id, services, time: new Date(clock.ms).toISOString() })
    await world.bus.publish([{ to: tool, event: call.event, delayMs: 0, attempt: 1 }], {
      guards: [],
      writes: call.writes,
    })
    await deliver(tool)
    const reply = replyTo(server, id)
    return reply.kind === 'result' ? reply.result : undefined
  }
  const settle = async (): Promise<void> => {
    for (;;) {
      server.promote()
      const busy = functions.find(({ name }) => server.keyspace.stream(server.keys.inbox(name)).length > 0)
      if (!busy) return
      await deliver(busy.name)
    }
  }
  for (const name of ['first', 'second']) {
    ids.push(String((await ask('run_untrusted_scan', { targets: '192.0.2.1', name }))?.['task_id']))
  }
  const hand = makeHand(cell, ids[0]!, ask)
  const untilMs = clock.ms + VIRTUAL_MAX_MS
  const due = { probe: 0, sweep: 0 }
  while (clock.ms < untilMs) {
    await settle()
    const scans = await Promise.all(ids.map((id) => world.scan(id)))
    const isOver = scans.every(({ status }) => isFinal(status)) && server.delayed().length === 0
    if (isOver) break
    await hand(scans[0]!)
    for (const [what, everyMs] of [
      ['probe', PROBE_MS],
      ['sweep', SWEEP_MS],
    ] as const) {
      if (clock.ms - due[what] < everyMs) continue
      due[what] = clock.ms
      await world.emit(`${what}.due`, {})
    }
    const next = Math.min(...server.delayed().map(({ delayMs }) => delayMs), STEP_MAX_MS)
    clock.ms += Math.max(next, 100)
  }
  const counts = simulator.control.counts()
  const byId = ids.map((id) => counts.scans.find(({ description }) => description.endsWith(id)))
  const scans = await Promise.all(ids.map((id) => world.scan(id)))
  return {
    statuses: scans.map(({ status }) => status),
    launches: byId.map((each) => each?.launches ?? 0),
    left: counts.scans.reduce((sum, { creates, deletes }) => sum + creates - deletes, 0),
    running: counts.totals.runningNow,
    runningMax: counts.totals.runningMax,
    told,
    loginsRefused: counts.totals.loginsRefused,
    faults: counts.totals.faults,
    failures: scans.flatMap(({ failure }) => (failure ? [failure.message] : [])),
  }
}

/** Whether a caller who asked now would be told what the scan waits for. Its steps are served: here they are run by hand. */
async function saysTrouble(taskId: string, { world, services, clock }: Stage): Promise<boolean> {
  const { keyspace, keys } = world.server
  for (const { name } of functions) keyspace.apply(['ZADD', keys.hosting(name), String(clock.ms), 'matrix'])
  const { status, trouble } = await statusView(await world.scan(taskId), { ...services, now: new Date(clock.ms) })
  return trouble !== null && (status === 'queued' || status === 'running')
}

type Ask = (tool: string, args: Record<string, unknown>) => Promise<Readonly<Record<string, unknown>> | undefined>

/** Who stops the first scan, or pauses and resumes it, once it runs: and asks again until that is answered. */
function makeHand({ call }: Cell, taskId: string, ask: Ask) {
  const tools = { stop: ['stop_scan'], pause: ['pause_scan', 'resume_scan'], resume: ['pause_scan', 'resume_scan'] }
  const left = [...(tools[call as keyof typeof tools] ?? [])]
  return async (scan: { step: string; scanner_status?: string | undefined }): Promise<void> => {
    const [tool] = left
    if (tool === undefined || scan.step !== 'scanning') return
    // What was answered with an error may have been done: asked again, it says so.
    if (scan.scanner_status !== 'running' && scan.scanner_status !== 'paused') return
    if ((await ask(tool, { task_id: taskId })) !== undefined) left.shift()
  }
}
