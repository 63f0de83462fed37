/** `/server/status` and `/server/properties`, as each line of Nessus writes them. */
import type { Profile } from '../options.ts'
import type { World } from '../state/world.ts'

const VERSIONS: Record<Profile, { version: string; build: string; plugins: string }> = {
  6: { version: '6.11.3', build: 'M20112', plugins: '201806120815' },
  7: { version: '7.2.3', build: '86', plugins: '201905141330' },
  8: { version: '8.15.9', build: '20303', plugins: '202303140412' },
  10: { version: '10.8.3', build: '20010', plugins: '202503180412' },
}
const DAY_SECONDS = 86_400

export interface StatusAnswer {
  readonly httpStatus: number
  readonly body: object
}

export function statusAnswer(world: World): StatusAnswer {
  const { machine, settings, timeline } = world
  const isLoading = timeline.now() < machine.loadingUntilMs
  const isReady = !isLoading && !machine.pluginsCompiling
  const progress = isReady ? null : 50
  const status = isReady ? 'ready' : 'loading'
  if (settings.profile < 8) {
    const body = isReady ? { status, progress, must_destroy_session: false } : { status, progress }
    return { httpStatus: isReady ? 200 : 503, body }
  }
  const code = isReady ? 200 : 503
  const body = {
    code,
    detailed_status: {
      // A login works while plugins are compiled, but not while the whole scanner starts.
      login_status: isLoading ? 'deny' : 'allow',
      feed_status: { progress: 100, status: 'ready' },
      db_status: { progress: null, status: isLoading ? 'loading' : 'ready' },
      engine_status: { progress: progress ?? 100, status },
    },
    pluginSet: true,
    pluginData: !machine.pluginsCompiling,
    initLevel: isReady ? 4 : 3,
    progress,
    status,
  }
  return { httpStatus: settings.quirks.statusFollowsCode ? code : 200, body }
}

export function versionOf(world: World): { version: string; build: string; plugins: string } {
  const known = VERSIONS[world.settings.profile]
  const { upgrades } = world.machine
  if (upgrades === 0) return known
  const [major = '', minor = '', patch = ''] = known.version.split('.')
  return { ...known, version: `${major}.${minor}.${Number(patch) + upgrades}` }
}

/** What anyone may see; the rest needs a login. */
export function publicProperties(world: World): object {
  const { version, build, plugins } = versionOf(world)
  return {
    // What no Nessus says: who reads a result must be able to tell that nothing was looked at.
    nessus_mcp_simulator: true,
    nessus_type: typeOf(world),
    server_version: version,
    server_build: build,
    nessus_ui_version: version,
    nessus_ui_build: build,
    platform: 'LINUX',
    loaded_plugin_set: plugins,
    ...(world.settings.quirks.tellsServerUuid ? { server_uuid: world.machine.serverUuid } : {}),
    template_version: plugins,
    npv7: 1,
    login_banner: false,
    features: {},
    license: licenceShape(world),
  }
}

export function fullProperties(world: World): object {
  const { settings, machine, timeline } = world
  const isOld = settings.profile === 6
  return {
    ...publicProperties(world),
    plugin_set: versionOf(world).plugins,
    feed: 'ProfessionalFeed',
    feed_error: 0,
    expiration: expiration(timeline.now()),
    expiration_time: 365,
    idle_timeout: isOld
      ? Math.ceil(settings.idleTimeoutSeconds / 60)
      : String(Math.ceil(settings.idleTimeoutSeconds / 60)),
    used_ip_count: 0,
    users_count: 1,
    scanner_boottime: Math.floor(machine.bootedAtMs / 1000),
    restart_pending: { reason: null, type: null },
    restart_needed: null,
    update: { href: null, new_version: 0, restart: 0 },
    notifications: [],
    ...(settings.profile === 10 ? { paid: true } : {}),
    capabilities: { multi_scanner: world.licence.scanApi, report_email_config: true },
  }
}

function typeOf(world: World): string {
  if (world.settings.profile === 6) return 'Nessus Professional'
  return world.licence.scanApi ? 'Nessus Manager' : 'Nessus Professional'
}

function licenceShape(world: World): object {
  const { licence, settings, timeline } = world
  const features = {
    api: true,
    policies: true,
    report: true,
    remote_link: true,
    users: true,
    vpr: true,
    offline: false,
  }
  return {
    type: licence.scanApi && settings.profile > 6 ? 'manager' : 'professional',
    name: typeOf(world),
    restricted: false,
    ips: licence.licensedHosts,
    mode: 0,
    expiration_date: expiration(timeline.now()),
    agents: 0,
    agents_used: 0,
    scanners: world.machine.scanners.length - 1,
    scanners_used: world.machine.scanners.length - 1,
    // Nessus 6 knows no such flag: everybody may launch there.
    features: settings.profile === 6 ? features : { ...features, scan_api: licence.scanApi },
  }
}

function expiration(nowMs: number): number {
  return Math.floor(nowMs / 1000) + 365 * DAY_SECONDS
}
