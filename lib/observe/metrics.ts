/**
 * The program's metrics in one registry of its own. State gauges are filled from
 * one snapshot per scrape: each scrape empties them first, so that a pool or a
 * scanner that is gone does not linger, and nothing old is shown when Redis
 * cannot be read (`nessus_state_up` is 0 then).
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { type Log, silentLog } from '../base/log.ts'
import { type MetricDefinition, METRICS } from './metric-definitions.ts'
import type { StateSnapshot } from './state-snapshot.ts'

type Definitions = typeof METRICS
type Instrument<D> =
  D extends MetricDefinition<'counter', infer L>
    ? Counter<L>
    : D extends MetricDefinition<'gauge', infer L>
      ? Gauge<L>
      : D extends MetricDefinition<'histogram', infer L>
        ? Histogram<L>
        : never
type Instruments = { readonly [K in keyof Definitions]: Instrument<Definitions[K]> }

export interface Metrics extends Instruments {
  readonly contentType: string
  /** Where state gauges come from; without it they are absent from the text. */
  observeState(source: () => Promise<StateSnapshot>): void
  /** The Prometheus text. Never rejects because of the state source: its failure is logged and shown as `nessus_state_up 0`. */
  render(): Promise<string>
}

export interface MetricsOptions {
  readonly log?: Log
  /** Also expose Node's own metrics (memory, event loop, garbage collection). */
  readonly runtime?: boolean
}

/** Coarser than prom-client's 10 ms, which alone keeps an idle process awake a hundred times a second. */
const EVENT_LOOP_SAMPLE_MS = 100

/** Makes the metrics of one process, in a registry that nothing else shares. */
export function makeMetrics({ log = silentLog, runtime = false }: MetricsOptions = {}): Metrics {
  const registry = new Registry()
  if (runtime) collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_SAMPLE_MS })
  const instruments = Object.fromEntries(
    Object.entries(METRICS).map(([field, definition]) => [field, instrument(definition, registry)]),
  ) as unknown as Instruments

  let source: (() => Promise<StateSnapshot>) | undefined
  const refresh = async (): Promise<void> => {
    if (source === undefined) return
    const snapshot = await Promise.resolve()
      .then(source)
      .catch((error: unknown) => {
        log.warn('the state gauges are missing from this scrape: Redis could not be read', { error })
        return undefined
      })
    emptyState(instruments)
    instruments.stateUp.set(snapshot === undefined ? 0 : 1)
    if (snapshot !== undefined) show(snapshot, instruments)
  }
  const scrape = async (): Promise<string> => {
    await refresh()
    return registry.metrics()
  }
  // Scrapes that overlap share one answer: a second one must not empty the gauges under the first.
  let running: Promise<string> | undefined
  emptyState(instruments)
  return {
    ...instruments,
    contentType: registry.contentType,
    observeState: (next) => {
      source = next
    },
    render: () => {
      running ??= scrape().finally(() => {
        running = undefined
      })
      return running
    },
  }
}

function instrument(definition: MetricDefinition, registry: Registry): Counter | Gauge | Histogram {
  const { kind, name, help, labels, bucketsSeconds } = definition
  const options = { name, help, labelNames: labels, registers: [registry] }
  switch (kind) {
    case 'counter':
      return new Counter(options)
    case 'gauge':
      return new Gauge(options)
    case 'histogram':
      return new Histogram({ ...options, buckets: [...bucketsSeconds] })
  }
}

function emptyState(instruments: Instruments): void {
  for (const [field, { source, labels }] of Object.entries(METRICS)) {
    if (source !== 'state') continue
    const instrument = instruments[field as keyof Instruments] as Gauge | Counter
    instrument.reset()
    // One without labels shows 0 when it was reset, which would be a statement.
    if (labels.length === 0) instrument.remove()
  }
}

function show(snapshot: StateSnapshot, to: Instruments): void {
  to.activeScans.set(snapshot.activeScans)
  to.dlqSize.set(snapshot.deadLetters)
  to.dlqOldestAgeSeconds.set(snapshot.oldestDeadLetterSeconds)
  to.delayedEvents.set(snapshot.delayedEvents)
  // Emptied before each scrape: what is added is the whole count.
  to.replaysTotal.inc(snapshot.replays)
  to.ttlDeletionsTotal.inc(snapshot.ageDeletions)
  if (snapshot.redisMemoryShare !== undefined) to.redisMemoryShare.set(snapshot.redisMemoryShare)
  if (snapshot.mcpSessions !== undefined) to.mcpSessions.set(snapshot.mcpSessions)
  for (const { pool, depth } of snapshot.queues) to.queueDepth.set({ queue: pool }, depth)
  for (const inbox of snapshot.inboxes) {
    to.inboxDepth.set({ function: inbox.function }, inbox.depth)
    to.inboxAgeSeconds.set({ function: inbox.function }, inbox.oldestAgeSeconds)
    to.workers.set({ function: inbox.function }, inbox.workers)
  }
  for (const scanner of snapshot.scanners) {
    to.scannerInstances.inc({ scanner_type: scanner.type, enabled: String(scanner.enabled) })
    to.scannerSlots.set({ scanner: scanner.key, state: 'used' }, scanner.slotsUsed)
    to.scannerSlots.set({ scanner: scanner.key, state: 'free' }, Math.max(0, scanner.slotsMax - scanner.slotsUsed))
    if (scanner.reachable !== undefined) to.scannerUp.set({ scanner: scanner.key }, scanner.reachable ? 1 : 0)
  }
}
