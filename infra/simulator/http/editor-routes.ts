/** Templates, policies, folders and uploaded files: what a client reads before it creates a scan. */
import * as v from 'valibot'
import { formVersion } from '../state/credential-template.ts'
import { pluginShape, pluginsOfFamily } from '../state/plugin-forms.ts'
import type { SimulatedPolicy } from '../state/policies.ts'
import { Refused } from '../state/refusal.ts'
import type { World } from '../state/world.ts'
import { pathId, readBody } from './body.ts'
import type { App, CallContext } from './env.ts'
import type { Gates } from './gates.ts'
import { orNull, seconds } from './shapes.ts'
import { editorShape, listedTemplate, TEMPLATES } from './templates.ts'

const UPLOADS_MAX = 10_000
const NewFolder = v.object({ name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)) })

export function addEditorRoutes(app: App, world: World, gates: Gates): void {
  const version = formVersion(world.settings)
  for (const kind of ['scan', 'policy']) {
    app.get(`/editor/${kind}/templates`, gates.user, (call) => call.json({ templates: TEMPLATES.map(listedTemplate) }))
    app.get(`/editor/${kind}/templates/:uuid`, gates.user, (call) => {
      const found = TEMPLATES.find((one) => one.uuid === call.req.param('uuid'))
      if (!found) throw new Refused(404, 'The requested file was not found')
      return call.json(editorShape(found, version))
    })
  }
  app.get('/editor/scan/:id', gates.user, (call) => {
    const scan = world.scans.get(pathId(call, 'id'))
    const found = TEMPLATES.find((one) => one.uuid === scan.templateUuid)
    if (!found) throw new Refused(404, 'The requested file was not found')
    return call.json(editorShape(found, version, scan))
  })
  app.get('/plugins/plugin/:id', gates.user, (call) => call.json(pluginShape(pathId(call, 'id'))))
  app.get('/plugins/families/:id', gates.user, (call) =>
    call.json({ id: pathId(call, 'id'), plugins: pluginsOfFamily(pathId(call, 'id')) }),
  )
  app.get('/policies', gates.user, (call) => call.json({ policies: orNull(world.policies.all().map(policyShape)) }))
  app.get('/folders', gates.user, (call) => call.json({ folders: folderShapes(world) }))
  app.post('/folders', gates.user, async (call) => {
    const { name } = await readBody(call, NewFolder)
    return call.json({ id: world.folders.add(name).id })
  })
  app.post('/file/upload', gates.user, (call) => upload(call, world))
}

/** `no_target` is a text, and a policy of another version may lack any of these. */
function policyShape(policy: SimulatedPolicy): object {
  return {
    id: policy.id,
    template_uuid: policy.templateUuid,
    name: policy.name,
    description: policy.description,
    owner: policy.owner,
    owner_id: 2,
    shared: policy.permissions > 0 ? 1 : 0,
    user_permissions: policy.permissions,
    creation_date: seconds(policy.changedAtMs),
    last_modification_date: seconds(policy.changedAtMs),
    visibility: policy.permissions > 0 ? 'shared' : 'private',
    no_target: String(policy.noTarget),
  }
}

export function folderShapes(world: World): object[] {
  return world.folders.all().map(({ id, name, type }) => ({
    id,
    name,
    type,
    default_tag: type === 'main' ? 1 : 0,
    custom: type === 'custom' ? 1 : 0,
    unread_count: 0,
  }))
}

async function upload(call: CallContext, world: World): Promise<Response> {
  const form = await call.req.parseBody().catch(() => undefined)
  const file = form?.['Filedata']
  if (!(file instanceof File)) throw new Refused(400, "Invalid 'Filedata' field")
  if (world.uploads.size >= UPLOADS_MAX) throw new Refused(500, `The simulator holds at most ${UPLOADS_MAX} files`)
  const name = freeName(file.name, world.uploads)
  if (name.endsWith('.audit') && !(await file.text()).includes('<check_type')) world.brokenUploads.add(name)
  world.uploads.add(name)
  return call.json({ fileuploaded: name })
}

/** A second `x.audit` becomes `x-1.audit`: a client must use the name it is told. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  const [, base = '', extension = ''] = /^(.*?)(\.[^.]*)?$/s.exec(name.slice(0, 200)) ?? []
  let free = `${base}${extension}`
  for (let number = 1; taken.has(free); number++) free = `${base}-${number}${extension}`
  return free
}
