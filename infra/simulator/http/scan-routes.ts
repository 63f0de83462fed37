/** Creating, changing, listing, moving and deleting scans. */
import * as v from 'valibot'
import { credentialSettings, formVersion } from '../state/credential-template.ts'
import { judgeCredentials } from '../state/credentials.ts'
import { Refused } from '../state/refusal.ts'
import { readAudits } from '../state/plugin-forms.ts'
import { readFamilies, readIndividual, readSettings } from '../state/settings-form.ts'
import type { SimulatedScan } from '../state/scan.ts'
import { isPersons } from '../state/scan.ts'
import type { ScanFields } from '../state/scans.ts'
import type { World } from '../state/world.ts'
import { Id, pathId, queryId, readBody } from './body.ts'
import { folderShapes } from './editor-routes.ts'
import type { App, CallContext } from './env.ts'
import type { Gates } from './gates.ts'
import { createdShape, listedShape, seconds } from './shapes.ts'
import { canRun, TEMPLATES } from './templates.ts'

const TARGETS_CHARS_MAX = 1_000_000
const BULK_MAX = 1000

const Credentials = v.record(v.string(), v.record(v.string(), v.array(v.record(v.string(), v.unknown()))))
const Settings = v.looseObject({
  name: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(1000)),
  description: v.optional(v.pipe(v.string(), v.maxLength(10_000)), ''),
  text_targets: v.optional(v.pipe(v.string(), v.maxLength(TARGETS_CHARS_MAX)), ''),
  folder_id: v.optional(Id),
  policy_id: v.optional(Id),
  scanner_id: v.optional(Id),
  launch_now: v.optional(v.boolean(), false),
})
const AuditFile = v.object({ file: v.string(), category: v.string() })
const AuditId = v.object({ id: v.union([v.string(), v.number()]) })
const Audits = v.object({
  custom: v.optional(v.object({ add: v.optional(v.array(AuditFile)) })),
  feed: v.optional(v.object({ add: v.optional(v.array(AuditId)) })),
})
const NewScan = v.object({
  uuid: v.string(),
  settings: Settings,
  credentials: v.optional(v.object({ add: v.optional(Credentials) })),
  plugins: v.optional(
    v.record(
      v.string(),
      v.object({ status: v.optional(v.string()), individual: v.optional(v.record(v.string(), v.string())) }),
    ),
    {},
  ),
  audits: v.optional(Audits, {}),
})
const EditedScan = v.object({
  uuid: v.optional(v.string()),
  settings: v.optional(v.partial(Settings), {}),
  credentials: v.optional(v.object({ add: v.optional(Credentials) })),
})
const Move = v.object({ folder_id: Id })
const Bulk = v.object({ ids: v.pipe(v.array(Id), v.maxLength(BULK_MAX)) })

export function addScanRoutes(app: App, world: World, gates: Gates): void {
  const { scans } = world
  app.get('/scans', gates.user, (call) => call.json(listScans(call, world)))
  app.post('/scans', gates.write, async (call) => {
    if (world.machine.pluginsCompiling) throw new Refused(500, 'Plugins are being compiled')
    const body = await readBody(call, NewScan)
    const { outcome: given, masked } = judge(world, body.credentials?.add ?? {})
    const { name, description, text_targets: targets, folder_id: folderId, policy_id: policyId } = body.settings
    if (!/[^\s,;]/.test(targets)) throw new Refused(400, "Invalid 'text_targets' field")
    checkReferences(world, { templateUuid: body.uuid, folderId, policyId })
    const { scanner_id: scannerId = 1 } = body.settings
    if (!world.machine.scanners.some(({ id }) => id === scannerId)) throw new Refused(400, "Invalid 'scanner_id' field")
    const fields = {
      name,
      scannerId,
      description,
      targets,
      folderId,
      policyId,
      templateUuid: body.uuid,
      // Credentials of the scan go over those of its policy.
      outcome: given === 'none' ? (world.policies.find(policyId)?.outcome ?? 'none') : given,
      credentials: masked,
      settings: { ...readSettings(body.settings), ...credentialSettings(body.settings, formVersion(world.settings)) },
      families: readFamilies(body.plugins),
      individual: readIndividual(body.plugins),
      audits: readAudits(body.audits, (file) => world.uploads.has(file) && !world.brokenUploads.has(file)),
    }
    const scan = scans.create(fields)
    if (body.settings.launch_now) world.runs.launch(scan.id)
    return call.json({ scan: createdShape(world, scan) })
  })
  app.put('/scans/:id', gates.write, async (call) => {
    const scan = scans.get(pathId(call, 'id'))
    const body = await readBody(call, EditedScan)
    edit(world, scan, body)
    return call.json({ scan: createdShape(world, scan) })
  })
  app.put('/scans/:id/folder', gates.write, async (call) => {
    const { folder_id: folderId } = await readBody(call, Move)
    checkReferences(world, { folderId })
    scans.move(pathId(call, 'id'), folderId)
    return call.json({})
  })
  app.delete('/scans/:id', gates.write, (call) => {
    scans.remove(pathId(call, 'id'))
    return call.body(null, 200)
  })
  app.delete('/scans/:id/history/:hid', gates.write, (call) => {
    scans.removeRun(pathId(call, 'id'), pathId(call, 'hid'))
    return call.body(null, 200)
  })
  app.delete('/scans', gates.write, async (call) => {
    const { ids } = await readBody(call, Bulk)
    return call.json({ deleted: ids.filter((id) => canDelete(world, id)) })
  })
}

function listScans(call: CallContext, world: World): object {
  const nowMs = world.timeline.now()
  const folder = queryId(call, 'folder_id')
  const since = queryId(call, 'last_modification_date')
  const changedAtMs = (scan: SimulatedScan): number => Math.max(scan.changedAtMs, scan.runs.at(-1)?.changedAtMs ?? 0)
  const scans = [...world.scans.all()].filter(
    (scan) =>
      (folder === undefined || scan.folderId === folder) &&
      (since === undefined || seconds(changedAtMs(scan)) >= since),
  )
  // The real scanner writes null for an empty list, a trap worth keeping.
  const listed = scans.length === 0 ? null : scans.map((scan) => listedShape(world, scan))
  return { folders: folderShapes(world), scans: listed, timestamp: seconds(nowMs) }
}

function judge(world: World, credentials: v.InferOutput<typeof Credentials>): ReturnType<typeof judgeCredentials> {
  const { rejectUnknownCredentialFields } = world.settings.quirks
  const version = formVersion(world.settings)
  const judged = judgeCredentials({ credentials, version, hasUpload: (name) => world.uploads.has(name) })
  const [unknown] = judged.unknownFields
  if (unknown === undefined) return judged
  if (rejectUnknownCredentialFields) throw new Refused(400, `Invalid '${unknown.slice(0, 100)}' field`)
  world.settings.log.warn('credential field unknown to the template, ignored', { field: unknown.slice(0, 100) })
  return judged
}

type References = Partial<Pick<ScanFields, 'templateUuid' | 'folderId' | 'policyId'>>

function checkReferences(world: World, { templateUuid, folderId, policyId }: References): void {
  const template = TEMPLATES.find((one) => one.uuid === templateUuid)
  const runs = template && canRun(template, world.licence.scanApi)
  if (templateUuid !== undefined && !runs) throw new Refused(400, "Invalid 'uuid' field")
  if (folderId !== undefined && !world.folders.has(folderId)) throw new Refused(400, "Invalid 'folder_id' field")
  if (policyId !== undefined && !world.policies.mayUse(policyId, template)) {
    throw new Refused(400, "Invalid 'policy_id' field")
  }
}

function edit(world: World, scan: SimulatedScan, body: v.InferOutput<typeof EditedScan>): void {
  if (isPersons(scan)) world.tally.touchedOthers(`edit scan ${scan.id}`)
  const { name, description, text_targets: targets, folder_id: folderId, policy_id: policyId } = body.settings
  checkReferences(world, { templateUuid: body.uuid ?? scan.templateUuid, folderId, policyId })
  const judged = body.credentials?.add ? judge(world, body.credentials.add) : undefined
  if (name !== undefined) scan.name = name
  if (description !== undefined && description !== '') scan.description = description
  if (targets !== undefined && targets !== '') scan.targets = targets
  if (folderId !== undefined) scan.folderId = folderId
  if (body.uuid !== undefined) scan.templateUuid = body.uuid
  if (judged) {
    scan.outcome = judged.outcome
    scan.credentials = judged.masked
  }
  scan.changedAtMs = world.timeline.now()
}

function canDelete(world: World, id: number): boolean {
  try {
    world.scans.remove(id)
    return true
  } catch (error) {
    if (error instanceof Refused) return false
    throw error
  }
}
