/**
 * Making scans on the scanner and finding ours again.
 *
 * A scan of ours is named `<name> [<marker>]`, the marker being the task id, and
 * its description carries the marker too. The list of scans shows names and no
 * descriptions, so an orphan is found in one request; a name that merely looks
 * alike, or ends alike as a copy's does, is never adopted.
 *
 * Whoever creates has just looked for the marker, in a list that also names the
 * folder for new scans: it is remembered, so that one list serves both.
 */
import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import { defined } from '../../base/defined.ts'
import { CallerMistake } from '../../base/errors.ts'
import type { Permit } from '../../base/permit.ts'
import { ConnectionLostError } from '../away-error.ts'
import { isSameName, markedName } from '../marked-name.ts'
import { isByForm, secretsIn } from '../../facts/credential-kinds.ts'
import { basisAt, type Basis } from '../scan-basis.ts'
import type { AskedBasis, MadeScan, NewScan, Scanner, ScannerListing } from '../scanner.ts'
import { RequestRefused } from './answers.ts'
import type { Call, Calls } from './call.ts'
import { uploadFile } from './file-upload.ts'
import { type AuditHelp, chosenAudits } from './form-audits.ts'
import { withSinglePlugins } from './form-plugins.ts'
import { formSettings } from './form-settings.ts'
import type { FindLinked } from './linked-scanner.ts'
import type { Policies } from './policies.ts'
import { scanLogins } from './scan-logins.ts'
import { listOf, scanOf, STAND_IN } from './scan-answers.ts'
import type { List } from './scan-list.ts'
import type { Templates } from './templates.ts'

const REFUSED_SETTINGS =
  'The scanner refused what was asked. If its words name a setting, an audit or credentials, start the scan again with others, or without.'

const maybe = v.fallback(v.nullish(v.string()), undefined)
const CreateAnswer = v.object({
  scan: v.object({ id: v.pipe(v.number(), v.integer(), v.minValue(1)), name: maybe, uuid: maybe }),
})
const Anything = v.unknown()

export type ScanCalls = Pick<Scanner, 'scans' | 'listing' | 'create' | 'findMarked'>

export function makeScanCalls(deps: ScansDeps): ScanCalls {
  const { list } = deps
  const listing = async (): Promise<ScannerListing> => {
    const { scans, folders } = await list.read()
    return listOf(scans ?? [], folders ?? [])
  }
  return {
    scans: async () => [...(await listing()).scans],
    listing,

    create: (scan, permit) => createScan(scan, permit, deps),

    async findMarked({ name, marker }) {
      const { scans, folders } = await list.read()
      const trash = (folders ?? []).filter(({ type }) => type === 'trash').map(({ id }) => id)
      const wanted = markedName(name, marker)
      return (scans ?? [])
        .map((item) => scanOf(item))
        .filter((scan) => isSameName(scan.name, wanted) && !trash.includes(scan.folderId ?? -1))
        .map(({ id }) => id)
        .toSorted((a, b) => a - b)
    },
  }
}

interface ScansDeps {
  readonly calls: Calls
  /** `pool/instance`. */
  readonly scanner: string
  readonly auditFiles: AuditHelp['files']
  readonly templates: Templates
  readonly policies: Policies
  readonly list: List
  readonly findLinked: FindLinked
}

async function createScan(scan: NewScan, permit: Permit | undefined, deps: ScansDeps): Promise<MadeScan> {
  const { calls, templates, list } = deps
  const basis = await basisOf(scan, deps)
  const uuid = basis.templateUuid
  const folder = await list.mainFolder()
  const runsOn = await deps.findLinked()
  const form = once(() => calls.read(Anything, templateCall(uuid)))
  const own = scan.settings && (await setUp(scan.settings, { form, template: basis.template ?? uuid }, deps))
  const logins = [...(scan.credentials ? [scan.credentials] : []), ...(scan.moreCredentials ?? [])]
  const upload = (name: string, content: string) => uploadFile(calls, name, content)
  const login = logins.length > 0 ? await scanLogins(logins, { upload, template: form }) : undefined
  const settings = { ...settingsFor(scan, { folder, basis, runsOn }), ...own?.settings, ...login?.settings }
  const call: Call = {
    method: 'POST',
    path: '/scans',
    route: '/scans',
    asked: 'create',
    what: 'create a scan',
    scanWrite: true,
    permit,
    secrets: logins.flatMap(secretsIn),
    json: {
      uuid,
      settings,
      ...defined({ plugins: own?.plugins, audits: own?.audits }),
      ...(login && { credentials: login.credentials }),
    },
  }
  try {
    const { id, name, uuid } = (await calls.read(CreateAnswer, call)).scan
    return { id, ...(name && { name }), ...(uuid?.startsWith(STAND_IN) && { standIn: uuid }) }
  } catch (error) {
    // An upgrade may have changed the templates' uuids and the folder: the next attempt asks.
    templates.forget()
    list.forget()
    if (scan.policy && !(error instanceof ConnectionLostError)) await refuseIfGone(scan, deps)
    const byForm = scan.settings !== undefined || logins.some((each) => isByForm(each) || each.settings !== undefined)
    if (byForm || /credentials must be added/i.test(String(error))) asMistake(error)
    throw error
  }
}

/** All that is set, checked against the form; plugins and audits are parts of their own beside its fields. */
async function setUp(
  { plugins, audits, ...settings }: NonNullable<NewScan['settings']>,
  { form, template }: { readonly form: () => Promise<unknown>; readonly template: string },
  { calls, auditFiles }: ScansDeps,
) {
  const own = formSettings(settings, await form(), template)
  const help: AuditHelp = {
    files: auditFiles,
    read: (path) => readFile(path, 'utf8'),
    upload: (name, content) => uploadFile(calls, name, content).catch(asMistake),
  }
  return {
    settings: own.settings,
    plugins: plugins?.length
      ? await withSinglePlugins({ ids: plugins, families: own.plugins, form: await form(), template }, calls)
      : own.plugins,
    audits: audits?.length ? await chosenAudits(audits, await form(), help) : undefined,
  }
}

function asMistake(error: unknown): never {
  if (error instanceof RequestRefused) throw new CallerMistake(error.message, REFUSED_SETTINGS)
  throw error
}

/** The templates may be from memory; a policy may have been deleted a moment ago. */
function basisOf(scan: AskedBasis, { templates, policies, scanner: key }: ScansDeps): Promise<Basis> {
  const fresh = scan.policy !== undefined
  const lists: Parameters<typeof basisAt>[0] = {
    templates: (options) => templates.list(fresh ? { ...options, recent: true } : options),
    policies: (options) => policies.list(options),
  }
  return basisAt(lists, scan, { key, recent: !fresh })
}

/** Whatever the scanner answered: a policy that was deleted meanwhile is for the caller to replace, not to be waited for. */
async function refuseIfGone(scan: AskedBasis, deps: ScansDeps): Promise<void> {
  const [looked] = await Promise.allSettled([basisOf(scan, deps)])
  if (looked.status === 'rejected' && looked.reason instanceof CallerMistake) throw looked.reason
}

function settingsFor(
  scan: NewScan,
  {
    folder,
    basis: { policy },
    runsOn,
  }: { readonly folder: number | undefined; readonly basis: Basis; readonly runsOn: number },
): object {
  const { description, marker } = scan
  return {
    name: markedName(scan.name, marker),
    description: description.includes(marker) ? description : `${description}\n${marker}`.trim(),
    text_targets: scan.targets,
    enabled: true,
    launch: 'ON_DEMAND',
    // Launched by itself, so that the run's uuid is known.
    launch_now: false,
    scanner_id: runsOn,
    ...(folder !== undefined && { folder_id: folder }),
    // Left out where there is none: an empty one is refused.
    ...(policy && { policy_id: policy.id }),
  }
}

/** `read`, whose answer serves all who ask. */
function once<T>(read: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined
  return () => (answer ??= read())
}

function templateCall(uuid: string): Call {
  return {
    method: 'GET',
    path: `/editor/scan/templates/${encodeURIComponent(uuid)}`,
    route: '/editor/scan/templates/{uuid}',
    asked: 'prepare',
    what: 'read a template',
  }
}
