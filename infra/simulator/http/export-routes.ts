/** Asking for a report, waiting until it is written, fetching it. The token routes want no login: the token is the secret. */
import { Readable } from 'node:stream'
import * as v from 'valibot'
import type { Export } from '../state/exports.ts'
import { FORMATS } from '../state/exports.ts'
import { Refused } from '../state/refusal.ts'
import type { FoundHost } from '../state/run-view.ts'
import { viewRun } from '../state/run-view.ts'
import { runIsOver } from '../state/scan.ts'
import type { World } from '../state/world.ts'
import { pathId, queryId, readBody } from './body.ts'
import type { App, CallContext } from './env.ts'
import type { Gates } from './gates.ts'
import { runOf } from './result-routes.ts'

/** How long an export is written, as a part of a scan's duration. */
const EXPORT_PART = 0.05
const NOT_FOUND = 'The requested file was not found'

const NewExport = v.object({ format: v.picklist(FORMATS) })

export function addExportRoutes(app: App, world: World, gates: Gates): void {
  const { exports } = world

  function byFile(call: CallContext): Export {
    const found = exports.byFile(pathId(call, 'id'), pathId(call, 'file'))
    if (!found) throw new Refused(404, NOT_FOUND)
    return found
  }
  function byToken(call: CallContext): Export {
    const found = exports.byToken(call.req.param('token') ?? '')
    if (!found) throw new Refused(404, NOT_FOUND)
    return found
  }

  app.post('/scans/:id/export', gates.user, async (call) => call.json(await request(call, world)))
  app.get('/scans/:id/export/formats', gates.user, (call) =>
    call.json({ formats: FORMATS.map((value) => ({ name: value, value })) }),
  )
  app.get('/scans/:id/export/:file/status', gates.user, (call) => status(call, world, byFile(call)))
  app.get('/scans/:id/export/:file/download', gates.user, (call) => download(call, world, byFile(call)))
  app.get('/tokens/:token/status', (call) => status(call, world, byToken(call)))
  app.get('/tokens/:token/download', (call) => download(call, world, byToken(call)))
}

async function request(call: CallContext, world: World): Promise<object> {
  const scan = world.scans.get(pathId(call, 'id'))
  const { format } = await readBody(call, NewExport, { form: true })
  const run = runOf(scan, queryId(call, 'history_id'))
  if (!run) throw new Refused(404, NOT_FOUND)
  if (!runIsOver(run.status)) throw new Refused(409, 'Can not export running scans')
  const delayMs = world.settings.scanSeconds * 1000 * EXPORT_PART
  const { token, file } = world.exports.add({ scan, run, format, delayMs })
  world.tally.scan(scan, 'exports')
  if (run.startedBy === 'person') world.tally.exportedOthers()
  const handle = world.settings.quirks.exportHandle
  return handle === 'file' ? { file } : handle === 'temp_token' ? { temp_token: token, file } : { token, file }
}

function status(call: CallContext, world: World, found: Export): Response {
  const state = world.exports.state(found)
  if (state === 'error') return call.json({ status: 'error' }, 500)
  return call.json({ status: state })
}

async function download(call: CallContext, world: World, found: Export): Promise<Response> {
  const { exports, tally, settings } = world
  const state = exports.state(found)
  if (state === 'error') throw new Refused(404, NOT_FOUND)
  if (state === 'loading') {
    call.status(settings.quirks.downloadBeforeReadyStatus as Parameters<typeof call.status>[0])
    return call.text('The report is not ready')
  }
  if (settings.quirks.singleUseDownloads) exports.remove(found)
  const view = await viewRun(world, found.scan, found.run)
  tally.scan(found.scan, 'downloads')
  const headers: Record<string, string> = {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename="${fileName(found)}"`,
  }
  if (found.format !== 'nessus') return call.body(tableOf(found, view.hosts), 200, headers)
  if (view.report.bytes !== undefined) headers['content-length'] = String(view.report.bytes)
  return call.body(Readable.toWeb(view.open()) as ReadableStream, 200, headers)
}

function fileName({ scan, run, format }: Export): string {
  return `${scan.name.replaceAll(/[^\w.-]/g, '_').slice(0, 100)}_${run.uuid.slice(0, 6)}.${format}`
}

/** The other formats hold no more than which plugin reported on which host. */
function tableOf({ format }: Export, hosts: readonly FoundHost[]): string {
  const rows = hosts.flatMap((host) => [...host.summary.plugins.keys()].map((plugin) => [String(plugin), host.name]))
  const quoted = [['Plugin ID', 'Host'], ...rows].map((row) =>
    row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','),
  )
  const text = `${quoted.join('\r\n')}\r\n`
  return format === 'csv' ? text : `<html><body><pre>${text.replaceAll('<', '&lt;')}</pre></body></html>`
}
