/** Asks a scanner whether it is there, ready, ours to use, and what its licence allows. Never throws. */
import * as v from 'valibot'
import { defined } from '../../base/defined.ts'
import { mayLaunch } from '../../facts/scanner-roles.ts'
import type { ScannerEntry } from '../entry.ts'
import type { ScannerHealth } from '../scanner.ts'
import { parseAnswer } from './answers.ts'
import type { Calls } from './call.ts'
import { maybe } from './lenient.ts'
import type { FindLinked } from './linked-scanner.ts'
import { licenceOf, readLicence, ServerProperties, type Licence } from './properties.ts'
import { readRole } from './role.ts'
import type { Transport } from './transport.ts'
const part = maybe(v.object({ status: maybe(v.string()), progress: maybe(v.number()) }))

const ServerStatus = v.object({
  status: maybe(v.string()),
  progress: maybe(v.number()),
  detailed_status: maybe(v.object({ feed_status: part, engine_status: part })),
  pluginSet: maybe(v.unknown()),
  pluginData: maybe(v.unknown()),
})
type ServerStatus = v.InferOutput<typeof ServerStatus>

export interface ProbeDeps {
  readonly entry: ScannerEntry
  readonly transport: Transport
  readonly calls: Calls
  readonly findLinked: FindLinked
}

export async function probe(deps: ProbeDeps): Promise<ScannerHealth> {
  const { entry, calls } = deps
  const status = await attempt(() => readStatus(deps))
  if (status.problem !== undefined)
    return { reachable: false, ready: false, launch: 'unknown', problem: status.problem }
  const login = await attempt(() => checkLogin(calls))
  // Without a login the scanner tells less of itself, but it tells something.
  const properties = await attempt(() => (login.problem === undefined ? readLicence(calls) : readLicenceAsNobody(deps)))
  const licence = properties.value ?? {}
  const role = login.problem === undefined ? (await attempt(() => readRole(calls))).value : undefined
  const unready = status.value && describeUnready(status.value.http, status.value.server)
  const linked = login.problem === undefined && entry.linkedScanner !== undefined ? await attempt(deps.findLinked) : {}
  const unusable = unready === undefined ? (login.problem ?? linked.problem) : `scanner ${entry.key}: ${unready}`
  const problem = unusable ?? (mayLaunch(role) ? undefined : roleProblem(entry))
  const { product, version, licensedHosts, usedHosts } = licence
  return {
    reachable: true,
    ready: unusable === undefined,
    launch: launchOf(licence, entry),
    ...(problem !== undefined && { problem }),
    ...(product !== undefined && { product }),
    ...(version !== undefined && { version }),
    ...defined({ licensedHosts, usedHosts, role }),
  }
}

function roleProblem({ key }: ScannerEntry): string {
  return (
    `scanner ${key}: its account has the role Basic, which may look at scans and launch none; give the account the role Standard or higher, ` +
    'or launch at the scanner and take the scan in with adopt_scan'
  )
}

async function readStatus({ entry, transport }: ProbeDeps): Promise<{ http: number; server: ServerStatus }> {
  const answer = await transport.send({ method: 'GET', path: '/server/status', route: '/server/status' })
  const context = { entry, what: 'read its status, so it may not be Nessus' }
  return { http: answer.status, server: parseAnswer(ServerStatus, answer, context) }
}

/** Any account has folders, and asking for them takes next to nothing. */
async function checkLogin(calls: Calls): Promise<void> {
  await calls.read(v.object({}), {
    method: 'GET',
    path: '/folders',
    route: '/folders',
    asked: 'list',
    what: 'use its login',
  })
}

async function readLicenceAsNobody({ entry, transport }: ProbeDeps): Promise<Licence> {
  const answer = await transport.send({ method: 'GET', path: '/server/properties', route: '/server/properties' })
  return licenceOf(parseAnswer(ServerProperties, answer, { entry, what: 'read its properties' }))
}

/** Both the HTTP status and every part have to be ready; versions differ in which of them tell. */
function describeUnready(http: number, server: ServerStatus): string | undefined {
  const { status, progress, detailed_status: parts, pluginSet, pluginData } = server
  const percent = typeof progress === 'number' ? ` ${progress} %` : ''
  if (status === 'loading' || status === 'initializing') return `it is still loading${percent}; wait until it is ready`
  if (status === 'register') return 'it is not activated yet; activate it in its web interface'
  const feed = parts?.feed_status?.status
  const isUnlicensed = [status, feed].some((word) => word === 'download-failed' || word === 'downloading-failed')
  if (isUnlicensed)
    return 'it could not download its plugins, as when its licence is missing or over; look in its web interface'
  if (status !== 'ready' || http !== 200)
    return `it says ${status ?? 'nothing'}${percent} (HTTP ${http}); look in its web interface`
  if (pluginSet === false || pluginData === false)
    return 'it has no plugins yet; wait until they are downloaded and compiled'
  const engine = parts?.engine_status?.status
  if (typeof feed === 'string' && feed !== 'ready')
    return `its plugin feed is ${feed}; wait, or look in its web interface`
  if (typeof engine === 'string' && engine !== 'ready')
    return `its scan engine is ${engine}; wait until plugins are compiled`
  return undefined
}

function launchOf({ scanApi }: Licence, { webSession }: ScannerEntry): ScannerHealth['launch'] {
  if (scanApi === true) return 'allowed'
  if (webSession) return 'web_session'
  return scanApi === false ? 'not_allowed' : 'unknown'
}

async function attempt<T>(ask: () => Promise<T>): Promise<{ value?: T; problem?: string }> {
  try {
    return { value: await ask() }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
