/**
 * Every environment variable the program reads: name, default, unit, what it is
 * for. The documentation table, the deployment files' test and `loadSettings`
 * all read this one list; nothing else in the program reads the environment.
 *
 * Durations are written in the unit of their name and held in milliseconds.
 */
import {
  choice,
  durationSetting,
  flag,
  integer,
  redisUrl,
  type SettingSchema,
  text,
  url,
  wordsSetting,
} from './setting-kinds.ts'

const SECOND_MS = 1000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
const YEARS_IN_DAYS = 3650
const MIB = 1_048_576

export interface SettingDefinition<T = unknown, D extends string | undefined = string | undefined> {
  readonly name: string
  readonly schema: SettingSchema<T>
  /** As it would be written in the environment; `undefined` when the setting may be left out. */
  readonly default: D
  readonly unit: string
  readonly description: string
  /** Its value never appears in a message, and `<name>_FILE` may name a file that holds it. */
  readonly secret: boolean
  /** It names a file, and whoever sets it means one that is there. */
  readonly mustExist: boolean
}

interface Given<T, D> {
  readonly schema: SettingSchema<T>
  readonly default?: D
  readonly unit?: string
  readonly secret?: true
  readonly mustExist?: true
}

function setting<T, D extends string | undefined = undefined>(
  name: string,
  description: string,
  given: Given<T, D>,
): SettingDefinition<T, D> {
  return {
    name,
    description,
    schema: given.schema,
    default: given.default as D,
    unit: given.unit ?? '',
    secret: given.secret ?? false,
    mustExist: given.mustExist ?? false,
  }
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const NAMES = 'comma-separated names of letters, digits, dot, dash and underscore'

/** As browsers write it in the `Origin` header: lower case, no path. */
const ORIGIN = /^[a-z][a-z0-9+.-]{0,30}:\/\/[a-z0-9.:_[\]-]{1,253}$/

const access = {
  port: setting('PORT', 'Port of the gateway; 0 takes a free one.', {
    schema: integer({ min: 0, max: 65_535 }),
    default: '8836',
  }),
  host: setting('HOST', 'Address the gateway listens on. Anything but loopback needs tokens, or `NO_AUTH=true`.', {
    schema: text(/^[A-Za-z0-9.:_-]{1,253}$/, 'an IP address or a host name'),
    default: '127.0.0.1',
  }),
  metricsPort: setting('METRICS_PORT', 'Port on which a worker serves `/metrics` and `/health`; absent for none.', {
    schema: integer({ min: 1, max: 65_535 }),
  }),
  publicUrl: setting('PUBLIC_URL', 'URL by which clients reach the gateway, used in download links.', {
    schema: url('http:', 'https:'),
  }),
  allowedHosts: setting(
    'ALLOWED_HOSTS',
    'Host names accepted in `Host` headers beside loopback, HOST and PUBLIC_URL, as `name` or `name:port`; `*` for any.',
    {
      schema: wordsSetting(/^(\*|[A-Za-z0-9.:_[\]-]{1,253})$/, 'comma-separated host names, or * for any'),
      default: '',
    },
  ),
  allowedOrigins: setting(
    'ALLOWED_ORIGINS',
    'Origins whose web pages may call the gateway (CORS), such as `https://app.example.com`; the port counts.',
    {
      schema: wordsSetting(ORIGIN, 'comma-separated origins such as https://app.example.com:8443, without a path', 100),
      default: '',
    },
  ),
  authTokensFile: setting('AUTH_TOKENS_FILE', 'File with the bearer tokens that clients must present.', {
    schema: text(),
  }),
  noAuth: setting('NO_AUTH', 'Serve without tokens even where the address is not loopback.', {
    schema: flag(),
    default: 'false',
  }),
  secretKey: setting('SECRET_KEY', 'Key that seals scan credentials; made and kept under DATA_DIR when absent.', {
    schema: text(/^[^\0]{32,4096}$/s, 'at least 32 characters, for example from: openssl rand -base64 32'),
    secret: true,
  }),
} as const

const state = {
  redisUrl: setting(
    'REDIS_URL',
    'Redis 7 or Valkey 8, or newer; `up` starts a private one when absent. `redis://[user:password@]host[:port][/database]` (`rediss:` with TLS), `unix:/path`, ' +
      '`redis+sentinel://[user:password@]host[:port],…/master-name[/database][?sentinel_password=…]`, `redis+cluster://host[:port],…`.',
    { schema: redisUrl(), secret: true },
  ),
  redisPrefix: setting('REDIS_PREFIX', 'First part of every Redis key, so that systems can share a server.', {
    schema: text(/^[A-Za-z0-9_-]{1,32}$/, '1 to 32 letters, digits, dashes and underscores'),
    default: 'nessus',
  }),
  dataDir: setting('DATA_DIR', 'Folder of reports and findings, shared by gateways and workers.', {
    schema: text(),
    default: './data',
  }),
  importDir: setting('IMPORT_DIR', 'Folder from which `import_scan` may read; without it, only uploads.', {
    schema: text(),
  }),
  scannerConfig: setting(
    'SCANNER_CONFIG',
    'The scanners, pools and named credentials. A file that is set and is not there is an error.',
    {
      schema: text(),
      mustExist: true,
      default: 'config/scanners.yaml',
    },
  ),
} as const

const work = {
  workerPools: setting(
    'WORKER_POOLS',
    'Must be empty: every worker serves every pool (decision 11). Kept so that old deployments hear of it.',
    {
      schema: wordsSetting(NAME, NAMES),
      default: '',
    },
  ),
  functions: setting('FUNCTIONS', 'Functions a worker hosts; empty for all.', {
    schema: wordsSetting(NAME, NAMES, 200),
    default: '',
  }),
  pollIntervalMs: setting('POLL_INTERVAL_SECONDS', 'Longest wait between two looks at a running scan.', {
    schema: durationSetting({ min: 0.05, max: 3600, unitMs: SECOND_MS }),
    default: '30',
    unit: 's',
  }),
  scanTimeoutMs: setting('SCAN_TIMEOUT_HOURS', 'A scan that runs longer is stopped.', {
    schema: durationSetting({ min: 0.001, max: 720, unitMs: HOUR_MS }),
    default: '24',
    unit: 'h',
  }),
  leaseMs: setting('LEASE_SECONDS', 'Silence after which a worker counts as dead and its events are taken over.', {
    schema: durationSetting({ min: 1, max: 3600, unitMs: SECOND_MS }),
    default: '30',
    unit: 's',
  }),
  shutdownGraceMs: setting('SHUTDOWN_GRACE_SECONDS', 'Time a stopping process gives to what is in its hands.', {
    schema: durationSetting({ min: 0, max: 600, unitMs: SECOND_MS }),
    default: '10',
    unit: 's',
  }),
} as const

const keeping = {
  completedTtlMs: setting('COMPLETED_TTL_DAYS', 'Completed scans are removed this long after their last use.', {
    schema: durationSetting({ min: 0.001, max: YEARS_IN_DAYS, unitMs: DAY_MS }),
    default: '7',
    unit: 'd',
  }),
  failedTtlMs: setting(
    'FAILED_TTL_DAYS',
    'Failed, canceled and timed-out scans are removed this long after their last use.',
    {
      schema: durationSetting({ min: 0.001, max: YEARS_IN_DAYS, unitMs: DAY_MS }),
      default: '30',
      unit: 'd',
    },
  ),
  housekeepingIntervalMs: setting('HOUSEKEEPING_INTERVAL_HOURS', 'Wait between two rounds of removal.', {
    schema: durationSetting({ min: 0.001, max: 168, unitMs: HOUR_MS }),
    default: '1',
    unit: 'h',
  }),
  nessusScanRetentionMs: setting(
    'NESSUS_SCAN_RETENTION_HOURS',
    'Time our own ended scans stay at the scanner. 0: until they are deleted here, by a call or by age.',
    {
      schema: durationSetting({ min: 0, max: 24 * YEARS_IN_DAYS, unitMs: HOUR_MS }),
      default: '24',
      unit: 'h',
    },
  ),
} as const

const limits = {
  maxResultBytes: setting('MAX_RESULT_BYTES', 'Largest report taken from a scanner.', {
    schema: integer({ min: MIB, max: 1_048_576 * MIB }),
    default: String(4096 * MIB),
    unit: 'bytes',
  }),
  importMaxBytes: setting('IMPORT_MAX_BYTES', 'Largest report taken by import or upload.', {
    schema: integer({ min: 1024, max: 1_048_576 * MIB }),
    default: String(1024 * MIB),
    unit: 'bytes',
  }),
  importQuotaBytes: setting(
    'IMPORT_QUOTA_BYTES',
    'Bytes of imported reports, unpacked, that one caller may keep; further imports are refused until some are deleted.',
    {
      schema: integer({ min: 1024, max: 1_048_576 * MIB }),
      default: String(20_480 * MIB),
      unit: 'bytes',
    },
  ),
  queueMaxPerCaller: setting('QUEUE_MAX_PER_CALLER', 'Scans of one caller that may wait; further ones are refused.', {
    schema: integer({ min: 1, max: 10_000_000 }),
    default: '1000',
    unit: 'scans',
  }),
  queueMax: setting('QUEUE_MAX', 'Scans that may wait in one pool; further ones are refused.', {
    schema: integer({ min: 1, max: 10_000_000 }),
    default: '10000',
    unit: 'scans',
  }),
  targetsMax: setting('TARGETS_MAX', 'Addresses one scan may cover.', {
    schema: integer({ min: 1, max: 16_777_216 }),
    default: '65536',
    unit: 'hosts',
  }),
  sessionsMax: setting(
    'SESSIONS_MAX',
    'Sessions of MCP clients of the older protocol (decision 12); further clients are served without, 0 serves all without.',
    {
      schema: integer({ min: 0, max: 1_000_000 }),
      default: '10000',
      unit: 'sessions',
    },
  ),
  sessionsMaxPerCaller: setting(
    'SESSIONS_MAX_PER_CALLER',
    'Sessions of one token; its next one takes the place of its own that was unused for longest.',
    {
      schema: integer({ min: 1, max: 1_000_000 }),
      default: '1000',
      unit: 'sessions',
    },
  ),
  sessionIdleMs: setting(
    'SESSION_IDLE_HOURS',
    'A session that nobody uses for so long, and that has no stream, ends; desktop clients leave theirs for weeks.',
    {
      schema: durationSetting({ min: 0.001, max: 8760, unitMs: HOUR_MS }),
      default: '672',
      unit: 'h',
    },
  ),
} as const

const logging = {
  logLevel: setting('LOG_LEVEL', 'Least grave event that is logged: debug, info, warn, error or silent.', {
    schema: choice('debug', 'info', 'warn', 'error', 'silent'),
    default: 'info',
  }),
  logFormat: setting('LOG_FORMAT', '`pretty` for people, `json` for machines, `auto` chooses by terminal.', {
    schema: choice('auto', 'pretty', 'json'),
    default: 'auto',
  }),
} as const

/** Field of `Settings` → its variable. The order is the order of the documentation. */
export const SETTINGS = { ...access, ...state, ...work, ...keeping, ...limits, ...logging }
