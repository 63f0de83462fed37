/**
 * The real functions on the in-memory bus, with fake scanners and reports and a
 * clock that only tests move. One delivery at a time, when the test says so.
 */
import { Refusal } from '../../lib/base/errors.ts'
import { createHash } from 'node:crypto'
import { functions, tools } from '../../functions/index.ts'
import { silentLog } from '../../lib/base/log.ts'
import type { Bus } from '../../lib/bus/bus.ts'
import type { BusEvent } from '../../lib/bus/event.ts'
import { MemoryServer } from '../../lib/bus/memory/memory-bus.ts'
import type { AnyFunction } from '../../lib/runtime/function.ts'
import { WireReply, wireReply } from '../../lib/runtime/reply.ts'
import { makeRoutes, postsTo } from '../../lib/runtime/routes.ts'
import { decideFailures } from '../../lib/runtime/retry/decide-failures.ts'
import { noteScannerBack } from '../../lib/runtime/retry/scanner-health.ts'
import { runDelivery } from '../../lib/runtime/run-delivery.ts'
import type { Layer, RunOutcome, Runner } from '../../lib/runtime/runner.ts'
import type { Limits, Services } from '../../lib/runtime/services.ts'
import { keepsPromise } from './answer-fit.ts'
import { sealCall, type CallOrigin } from '../../lib/gateway/call-event.ts'
import type { ScannerEntry, ScannerRegistry } from '../../lib/scanners/entry.ts'
import { begin, compileChange, type ScanChange } from '../../lib/scans/change.ts'
import type { Scan } from '../../lib/scans/record.ts'
import { scanKeys } from '../../lib/scans/scan-keys.ts'
import { makeScans } from '../../lib/scans/scans.ts'
import { makeVault } from '../../lib/scans/vault.ts'
import * as v from 'valibot'
import { makeFakeRegistry, scannerEntry, type FakeRegistry } from './fake-registry.ts'
import { makeFakeReports, type FakeReports } from './fake-reports.ts'
import type { FakeScanner, FakeScannerOptions } from './fake-scanner.ts'
import { seededRandom, type SeededRandom } from './seeded-random.ts'

export const LIMITS: Limits = {
  pollIntervalMs: 30_000,
  scanTimeoutMs: 3_600_000,
  targetsMax: 1024,
  queueMax: 100,
  queueMaxPerCaller: 1000,
  scannerRetentionMs: 86_400_000,
  publicUrl: 'https://gateway.test',
  completedTtlMs: 7 * 86_400_000,
  failedTtlMs: 30 * 86_400_000,
  importDir: undefined,
  uploadDir: '/nowhere',
  importBytesMax: 1_000_000,
  importQuotaBytes: 10_000_000,
  resultBytesMax: 1_000_000,
}

export const START_MS = Date.parse('2026-03-01T08:00:00Z')
export const vault = makeVault('a key that is only for tests')
export const routes = makeRoutes(functions)

export interface WorldOptions extends Pick<FakeScannerOptions, 'fate' | 'stopTakesMs' | 'report'> {
  readonly entries?: readonly ScannerEntry[]
  readonly limits?: Partial<Limits>
  readonly seed?: number
  readonly leaseMs?: number
  /** In place of the fake scanners. */
  readonly registry?: ScannerRegistry
}

export interface World {
  readonly clock: { ms: number }
  readonly random: SeededRandom
  readonly server: MemoryServer
  readonly bus: Bus
  readonly scanners: FakeRegistry
  readonly reports: FakeReports
  readonly services: Services
  /** Changes that took effect, as a worker hears of them. */
  readonly changes: ScanChange[]
  runner(bus: Bus, patch?: Partial<Runner>): Runner
  /** The fake scanner `lab/one`, or another one. */
  scanner(key?: string): FakeScanner
  /** Publishes an event to all that consume it; the event. */
  emit(type: string, data: object, about?: { subject?: string; id?: string }): Promise<BusEvent>
  /** Writes a record as it is: the scan begins there. */
  put(scan: Scan): Promise<Scan>
  scan(taskId: string): Promise<Scan>
  /** Runs the next delivery of a function; `undefined` when its inbox is empty. */
  deliver(name: string): Promise<RunOutcome | undefined>
  /** Calls a tool, as a gateway does, and runs it. */
  call(tool: string, args: Readonly<Record<string, unknown>>, origin?: Partial<CallOrigin>): Promise<WireReply>
  /** Types of the events that wait in an inbox now. */
  waiting(name: string): string[]
  /** Runs all that is due, and goes on while that leads to more. Moves no clock. */
  settleDown(): Promise<void>
  /** Moves the clock, a little at a time, running what becomes due. */
  pass(ms: number): Promise<void>
}

const STEPS_MAX = 5000
const PASS_STEP_MS = 1000

export function makeWorld(options: WorldOptions = {}): World {
  const clock = { ms: START_MS }
  const now = () => clock.ms
  const random = seededRandom(options.seed ?? 1)
  const server = new MemoryServer({ now, leaseMs: options.leaseMs ?? 30_000 })
  const bus = server.bus('tester')
  const { fate, stopTakesMs, report } = options
  const scanners = makeFakeRegistry(options.entries ?? [scannerEntry()], {
    now,
    ...(fate && { fate }),
    ...(stopTakesMs !== undefined && { stopTakesMs }),
    ...(report && { report }),
  })
  const reports = makeFakeReports()
  const limits = { ...LIMITS, ...options.limits }
  const services = makeServices({ server, scanners: options.registry ?? scanners, reports, limits, random })
  const changes: ScanChange[] = []
  const runner: World['runner'] = (ofBus, patch = {}) => ({
    ...makeRunner(ofBus, services, random),
    layers: [decideFailures, changesInto(changes), noteScannerBack],
    ...patch,
  })
  const own = runner(bus)
  let calls = 0

  const deliver = async (name: string) => {
    const [delivery] = await bus.pull(new Map([[name, 1]]))
    return delivery && runDelivery(delivery, own)
  }
  const emit: World['emit'] = async (type, data, { subject, id = `event-${(calls += 1)}` } = {}) => {
    const event = envelope({ id, type, data, time: new Date(now()).toISOString(), ...(subject && { subject }) })
    await bus.publish(postsTo(routes, event))
    return event
  }
  const settleDown = async () => {
    for (let steps = 0; steps < STEPS_MAX; steps++) {
      server.promote()
      const busy = functions.find(({ name }) => server.keyspace.stream(server.keys.inbox(name)).length > 0)
      if (!busy) return
      await deliver(busy.name)
    }
    throw new Error(`the functions have not come to rest after ${STEPS_MAX} deliveries`)
  }
  return {
    clock,
    random,
    server,
    bus,
    scanners,
    reports,
    services,
    changes,
    runner,
    deliver,
    emit,
    settleDown,
    scanner: (key = 'lab/one') => scanners.fake(key),
    waiting: (name) => server.keyspace.stream(server.keys.inbox(name)).map(({ fields }) => typeOf(fields['e'])),
    async put(scan) {
      const outcome = server.commit(
        compileChange({ ...begin(scan), restored: true }, services.scanKeys, server.keys),
        [],
      )
      if (outcome !== 'settled') throw new Error(`there is a scan ${scan.task_id} already`)
      return scan
    },
    async scan(taskId) {
      const scan = await services.scans.get(taskId)
      if (!scan) throw new Error(`there is no scan ${taskId}`)
      return scan
    },
    async call(tool, args, origin = {}) {
      const id = `call-${(calls += 1)}`
      const event = sealedOrRefused({ tool, args, id, services, time: new Date(now()).toISOString(), origin })
      if ('kind' in event) return event
      await bus.publish([{ to: tool, event: event.event, delayMs: 0, attempt: 1 }], {
        guards: [],
        writes: event.writes,
      })
      await deliver(tool)
      const reply = replyTo(server, id)
      if (reply.kind === 'result') keepsPromise(tool, reply.result)
      return reply
    },
    async pass(ms) {
      for (const untilMs = clock.ms + ms; clock.ms < untilMs;) {
        clock.ms = Math.min(untilMs, clock.ms + PASS_STEP_MS)
        await settleDown()
      }
    },
  }
}

/** The envelope of an event from outside. */
export function envelope(parts: Pick<BusEvent, 'id' | 'type' | 'data' | 'time'> & Partial<BusEvent>): BusEvent {
  return { specversion: '1.0', source: 'test', ...parts }
}

/** The gateway refuses what is wrong with the arguments before anything is published. */
function sealedOrRefused(call: Parameters<typeof sealedCall>[0]): ReturnType<typeof sealedCall> | WireReply {
  try {
    return sealedCall(call)
  } catch (error) {
    if (error instanceof Refusal) return wireReply({ refusal: error })
    throw error
  }
}

/** A call as the gateway publishes it: secrets sealed, and what must be stored with it. */
export function sealedCall(call: {
  tool: string
  args: Readonly<Record<string, unknown>>
  id: string
  time: string
  services: Pick<Services, 'scanKeys'>
  origin?: Partial<CallOrigin>
}) {
  const definition = tools.find(({ name }) => name === call.tool)!
  const { data, writes } = sealCall(definition, call.args, call.origin ?? {}, {
    vault,
    scanKeys: call.services.scanKeys,
    makeId: () => `sealed-${call.id}`,
    digest: sha256,
  })
  const event = envelope({ id: call.id, type: `tool.${call.tool}`, time: call.time, data, replyto: 'gateway' })
  return { event, writes }
}

/** What the gateway heard in answer to a call. */
export function replyTo(server: MemoryServer, id: string): WireReply {
  const entry = server.keyspace.stream(server.keys.replies('gateway')).find(({ fields }) => fields['call'] === id)
  if (!entry) throw new Error(`nobody has answered ${id}`)
  return v.parse(WireReply, JSON.parse(entry.fields['body'] ?? ''))
}

function makeServices(parts: {
  server: MemoryServer
  scanners: ScannerRegistry
  reports: FakeReports
  limits: Limits
  random: SeededRandom
}): Services {
  const { server, scanners, reports, limits, random } = parts
  const keys = scanKeys(server.keys.prefix)
  return {
    scanners,
    reports,
    limits,
    vault,
    scans: makeScans(server.keyspace, keys),
    keyspace: server.keyspace,
    scanKeys: keys,
    busKeys: server.keys,
    scannerLog: async () => {},
    randomHex: (bytes) => random.hex(bytes),
    log: silentLog,
  }
}

function makeRunner(bus: Bus, services: Services, random: SeededRandom): Runner {
  return {
    bus,
    services,
    keys: { bus: bus.keys, scans: services.scanKeys, routes },
    functions: new Map(functions.map((definition): [string, AnyFunction] => [definition.name, definition])),
    backoff: { baseMs: 1000, maxMs: 60_000 },
    random: () => random.next(),
    stopping: new AbortController().signal,
    layers: [decideFailures, noteScannerBack],
    log: silentLog,
  }
}

function changesInto(changes: ScanChange[]): Layer {
  return async (_delivery, next) => {
    const ran = await next()
    changes.push(...ran.changes)
    return ran
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function typeOf(json = '{}'): string {
  return (JSON.parse(json) as { type: string }).type
}
