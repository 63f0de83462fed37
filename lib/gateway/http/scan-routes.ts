/** `GET /scans/<id>/native` and `/scans/<id>/results`: a scan's report and findings at any size, streamed. */
import { Hono } from 'hono'
import * as v from 'valibot'
import { Refusal } from '../../base/errors.ts'
import { DEFAULT_EXPORT, EXPORT_FORMATS } from '../../facts/export-formats.ts'
import type { Reports } from '../../reports/reports.ts'
import type { Invoke } from '../invoke.ts'
import type { ScanFiles } from '../scan-files.ts'
import { byteRange } from './byte-range.ts'
import type { GatewayEnv } from './environment.ts'
import { encoded, pacedBody } from './paced-body.ts'
import { readResultsQuery } from './results-query.ts'

export interface ScanRouteDeps {
  readonly invoke: Invoke
  readonly files: ScanFiles
  readonly reports: Pick<Reports, 'export'>
}

/** What the route needs of get_scan_status. */
const ScanFacts = v.object({ status: v.string(), name: v.string(), results_available: v.boolean(), next: v.string() })

export function scanRoutes({ invoke, files, reports }: ScanRouteDeps): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>()

  app.get('/:id/native', async (c) => {
    const taskId = c.req.param('id')
    // The tool knows whether the scan exists, and notes that someone has looked at it.
    await invoke(
      'get_scan_status',
      { task_id: taskId },
      { identity: c.get('identity'), traceparent: c.get('traceparent') },
    )
    const file = await files.native(taskId)
    if (!file)
      throw new Refusal('not_ready', `Scan ${taskId} has no report yet. Call get_scan_status to see how it is doing.`)
    const headers = {
      'content-type': 'application/xml',
      'content-disposition': `attachment; filename="${taskId}.nessus"`,
      'accept-ranges': 'bytes',
      etag: file.tag,
      'x-content-type-options': 'nosniff',
    }
    if (c.req.header('if-none-match') === file.tag) return c.body(null, 304, headers)
    const unchanged = c.req.header('if-range') ?? file.tag
    const range = unchanged === file.tag ? byteRange(c.req.header('range'), file.sizeBytes) : undefined
    if (range === 'unsatisfiable') return c.body(null, 416, { 'content-range': `bytes */${file.sizeBytes}` })
    const length = range ? range.end - range.start + 1 : file.sizeBytes
    const sized = { ...headers, 'content-length': String(length) }
    if (c.req.method === 'HEAD') return c.body(null, 200, sized)
    const pieces = file.read(range)
    const body = await pacedBody(pieces, { connection: c.env?.outgoing })
    if (!range) return c.body(body, 200, sized)
    return c.body(body, 206, {
      ...sized,
      'content-range': `bytes ${range.start}-${range.end}/${file.sizeBytes}`,
    })
  })

  app.get('/:id/results', async (c) => {
    const taskId = c.req.param('id')
    const { query, format } = readResultsQuery(c.req.query())
    const status = await invoke(
      'get_scan_status',
      { task_id: taskId },
      { identity: c.get('identity'), traceparent: c.get('traceparent') },
    )
    const scan = v.parse(ScanFacts, status.kind === 'result' ? status.result : {})
    if (!scan.results_available) {
      throw new Refusal('not_ready', `Scan ${taskId} is ${scan.status}; it has no results. ${scan.next}`)
    }
    const meta = { scanName: scan.name, scanStatus: scan.status }
    const pieces = encoded(reports.export(taskId, query, format, meta))
    const body = await pacedBody(pieces, { connection: c.env?.outgoing })
    const { type, extension } = EXPORT_FORMATS[format]
    return c.body(body, 200, {
      'content-type': type,
      'x-content-type-options': 'nosniff',
      // JSON lines are read by programs; the others are files.
      ...(format === DEFAULT_EXPORT ? {} : { 'content-disposition': `attachment; filename="${taskId}.${extension}"` }),
    })
  })

  return app
}
