/**
 * Every metric the program exposes: name, labels, what it says, and where its
 * value comes from. `process` metrics are counted by the process that is
 * scraped: add them up over processes. `state` metrics are read from Redis at
 * each scrape and are the same in every process: take the maximum.
 *
 * Label values must come from bounded sets (registered tools, functions,
 * configured scanners), never from what a caller sends.
 */

export type MetricKind = 'counter' | 'gauge' | 'histogram'

export interface MetricDefinition<K extends MetricKind = MetricKind, L extends string = string> {
  readonly kind: K
  readonly name: string
  readonly labels: readonly L[]
  readonly help: string
  readonly source: 'process' | 'state'
  /** Upper bounds in seconds; histograms only. */
  readonly bucketsSeconds: readonly number[]
}

function counter<const L extends string = never>(
  name: string,
  labels: readonly L[],
  help: string,
): MetricDefinition<'counter', L> {
  return { kind: 'counter', name, labels, help, source: 'process', bucketsSeconds: [] }
}

function stateCounter(name: string, help: string): MetricDefinition<'counter'> {
  return { kind: 'counter', name, labels: [], help, source: 'state', bucketsSeconds: [] }
}

function stateGauge<const L extends string = never>(
  name: string,
  labels: readonly L[],
  help: string,
): MetricDefinition<'gauge', L> {
  return { kind: 'gauge', name, labels, help, source: 'state', bucketsSeconds: [] }
}

function processGauge<const L extends string = never>(
  name: string,
  labels: readonly L[],
  help: string,
): MetricDefinition<'gauge', L> {
  return { kind: 'gauge', name, labels, help, source: 'process', bucketsSeconds: [] }
}

function histogram<const L extends string = never>(
  name: string,
  labels: readonly L[],
  help: string,
  bucketsSeconds: readonly number[],
): MetricDefinition<'histogram', L> {
  return { kind: 'histogram', name, labels, help, source: 'process', bucketsSeconds }
}

const MINUTE = 60
const HOUR = 3600
const MINUTES_TO_A_DAY = [
  MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  20 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  8 * HOUR,
  12 * HOUR,
  24 * HOUR,
]
const MILLISECONDS_TO_A_MINUTE = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** Field of `Metrics` → its metric. The first eight names are older than this program and must stay. */
export const METRICS = {
  scansTotal: counter('nessus_scans_total', ['scan_type', 'status'], 'Scans that reached a status, by type.'),
  apiRequestsTotal: counter('nessus_api_requests_total', ['tool', 'status'], 'Tool calls, by tool and outcome.'),
  activeScans: stateGauge('nessus_active_scans', [], 'Scans that hold a slot on a scanner.'),
  scannerInstances: stateGauge('nessus_scanner_instances', ['scanner_type', 'enabled'], 'Configured scanners.'),
  queueDepth: stateGauge('nessus_queue_depth', ['queue'], 'Scans that wait for a slot, by pool.'),
  taskDurationSeconds: histogram(
    'nessus_task_duration_seconds',
    [],
    'Time from the request of a scan to its end.',
    MINUTES_TO_A_DAY,
  ),
  ttlDeletionsTotal: stateCounter('nessus_ttl_deletions_total', 'Scans removed because they were too old.'),
  dlqSize: stateGauge('nessus_dlq_size', [], 'Dead letters that wait for a person.'),
  dlqOldestAgeSeconds: stateGauge(
    'nessus_dlq_oldest_age_seconds',
    [],
    'Age of the oldest dead letter; they are removed after FAILED_TTL_DAYS.',
  ),

  inboxDepth: stateGauge(
    'nessus_inbox_depth',
    ['function'],
    'Events in the inbox of a function, leased ones included.',
  ),
  inboxAgeSeconds: stateGauge('nessus_inbox_age_seconds', ['function'], 'Age of the oldest event in an inbox.'),
  delayedEvents: stateGauge('nessus_delayed_events', [], 'Events that wait for their due time.'),
  workers: stateGauge('nessus_workers', ['function'], 'Live workers that host a function.'),
  scannerSlots: stateGauge('nessus_scanner_slots', ['scanner', 'state'], 'Slots of a scanner: used and free.'),
  scannerUp: stateGauge(
    'nessus_scanner_up',
    ['scanner'],
    'Whether the scanner answered when it was last asked: 1 or 0.',
  ),
  mcpSessions: stateGauge(
    'nessus_mcp_sessions',
    [],
    'Sessions of MCP clients of the older protocol; only gateways say it.',
  ),
  stateUp: stateGauge('nessus_state_up', [], 'Whether Redis could be read for this scrape: 1 or 0.'),
  redisMemoryShare: stateGauge(
    'nessus_redis_memory_share',
    [],
    'Share of its `maxmemory` that Redis uses: above 1 new scans are refused. Missing when it has no limit.',
  ),

  functionDurationSeconds: histogram(
    'nessus_function_duration_seconds',
    ['function'],
    'Time one run of a function took.',
    MILLISECONDS_TO_A_MINUTE,
  ),
  functionRunsTotal: counter(
    'nessus_function_runs_total',
    ['function', 'outcome'],
    'Runs of a function: settled, retried, dead, fenced or rerun.',
  ),
  settlesTotal: counter(
    'nessus_settles_total',
    ['outcome'],
    'Settles by their end: settled, fenced, stale (the scan had changed) or illegal (a bug).',
  ),
  replaysTotal: stateCounter('nessus_replays_total', 'Dead letters put back to work.'),
  scannerRequestSeconds: histogram(
    'nessus_scanner_request_seconds',
    ['scanner', 'route', 'status'],
    'Time of one request to a scanner, by route pattern and HTTP status (0: no answer).',
    MILLISECONDS_TO_A_MINUTE,
  ),
  refusedTotal: counter(
    'nessus_refused_total',
    ['code'],
    'Calls turned away: `unauthenticated` (401) or `forbidden` (403).',
  ),
  mcpStreams: processGauge('nessus_mcp_streams', [], 'Streams on which this gateway tells such sessions of changes.'),
  toolCallSeconds: histogram(
    'nessus_tool_call_seconds',
    ['tool'],
    'Time from a tool call to its reply, waiting on request included.',
    MILLISECONDS_TO_A_MINUTE,
  ),
} as const
