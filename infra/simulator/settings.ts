/** Fills in what the caller of the simulator left out, and refuses what makes no sense. */
import * as v from 'valibot'
import { check } from '../../lib/base/check.ts'
import { silentLog } from '../../lib/base/log.ts'
import type { Profile, Quirks, SimulatorSettings, SimulatorOptions } from './options.ts'
import { PRODUCT_PROFILES } from './options.ts'
import { makeRandom } from './random.ts'

const SPEED_MAX = 1_000_000
const SCAN_SECONDS_MAX = 7 * 24 * 3600

const Numbers = v.object({
  port: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)),
  scanSeconds: v.pipe(v.number(), v.minValue(0), v.maxValue(SCAN_SECONDS_MAX)),
  speed: v.pipe(v.number(), v.gtValue(0), v.maxValue(SPEED_MAX)),
  profile: v.picklist(PRODUCT_PROFILES),
  maxScans: v.pipe(v.number(), v.integer(), v.minValue(0)),
  idleTimeoutSeconds: v.pipe(v.number(), v.gtValue(0)),
  licensedHosts: v.pipe(v.number(), v.integer(), v.minValue(1)),
  seed: v.pipe(v.number(), v.integer()),
})

/** Throws PermanentError naming each option that is out of range. */
export function makeSettings(options: SimulatorOptions): SimulatorSettings {
  const seed = options.seed ?? 1
  const random = makeRandom(seed)
  const profile = options.profile ?? 10
  const settings: SimulatorSettings = {
    port: options.port ?? 0,
    host: options.host ?? '127.0.0.1',
    https: options.https ?? false,
    reportsDirs: options.reportsDirs ?? [],
    reportsInTurn: options.reportsInTurn ?? true,
    // Drawn from the seed, so that a configuration written once keeps working.
    accessKey: options.accessKey ?? random.hex(64),
    secretKey: options.secretKey ?? random.hex(64),
    username: options.username ?? 'admin',
    password: options.password ?? 'simulator',
    permissions: options.permissions ?? 128,
    scanSeconds: options.scanSeconds ?? 20,
    speed: options.speed ?? 1,
    profile,
    scanApi: options.scanApi ?? true,
    maxScans: options.maxScans ?? 0,
    linkedScanners: options.linkedScanners ?? [],
    idleTimeoutSeconds: options.idleTimeoutSeconds ?? 1800,
    licensedHosts: options.licensedHosts ?? 512,
    clock: options.clock ?? { now: () => Date.now() },
    seed,
    log: options.log ?? silentLog,
    stateFile: options.stateFile ?? '',
    quirks: { ...defaultQuirks(profile), ...options.quirks },
  }
  check(Numbers, settings, 'simulator options')
  return settings
}

function defaultQuirks(profile: Profile): Quirks {
  return {
    resetOn412: profile === 10,
    tokenWithKeys: false,
    launchWhileActiveStatus: 409,
    stopWhileIdleStatus: 409,
    deleteWhileActiveStatus: 409,
    downloadBeforeReadyStatus: 409,
    singleUseDownloads: true,
    statusFollowsCode: true,
    rejectUnknownCredentialFields: false,
    overLicence: 'drop',
    suSudoUserField: 'su_login',
    databaseTypes: profile === 10 ? 'each' : 'together',
    tellsServerUuid: profile !== 6,
    tellsStandIn: true,
    tellsHistory: true,
    exportHandle: profile === 6 ? 'file' : 'token and file',
  }
}
