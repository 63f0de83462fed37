/**
 * What can be read over MCP: the scans, one scan, its findings by profile, its
 * report, and the filter reference. All of it is read through the tools, so the
 * same checks hold.
 */
import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  ResourceTemplate,
  type ServerContext,
} from '@modelcontextprotocol/server'
import * as v from 'valibot'
import { TaskId } from '../../facts/task-id.ts'
import type { Invoke } from '../invoke.ts'
import type { ScanFiles } from '../scan-files.ts'
import { asProtocol } from './as-protocol.ts'
import { invocationOf, type Visit } from './call-context.ts'
import { FILTER_REFERENCE } from './filter-reference.ts'
import { onOnePage } from './on-one-page.ts'
import { type Listing, askScanListing } from './scan-listing.ts'
import { FILTERS_URI, NATIVE_TEMPLATE, RESULTS_TEMPLATE, SCAN_TEMPLATE, SCANS_URI, scanUri } from './uris.ts'

const PAGE = 50
/** A report above this is downloaded, not read into a model's context. */
const NATIVE_BYTES_MAX = 1024 * 1024
const FILTERS_TTL_MS = 3_600_000

const ListCursor = v.object({ cursor: v.optional(TaskId) })

export interface ResourceDeps {
  readonly invoke: Invoke
  readonly files: Pick<ScanFiles, 'native'>
}

export function registerResources(server: McpServer, visit: Visit, { invoke, files }: ResourceDeps): void {
  const read = makeRead(invoke, visit)
  const template = (uriTemplate: string) => new ResourceTemplate(uriTemplate, { list: undefined })

  server.registerResource('scans', SCANS_URI, describe('Scans, newest first', 'application/json'), (uri, ctx) =>
    read(uri, 'application/json', ctx, 'list_tasks', {}),
  )
  server.registerResource(
    'filters',
    FILTERS_URI,
    {
      ...describe('Filters and fields of results', 'text/markdown'),
      cacheHint: { ttlMs: FILTERS_TTL_MS, cacheScope: 'public' },
    },
    (uri) => contents(uri, 'text/markdown', FILTER_REFERENCE),
  )
  server.registerResource(SCAN.name, template(SCAN_TEMPLATE), SCAN.about, (uri, { task_id }, ctx) =>
    read(uri, 'application/json', ctx, 'get_scan_status', { task_id }),
  )
  server.registerResource(RESULTS.name, template(RESULTS_TEMPLATE), RESULTS.about, (uri, { task_id, profile }, ctx) =>
    read(uri, 'application/x-ndjson', ctx, 'get_scan_results', { task_id, schema_profile: profile }),
  )
  server.registerResource(NATIVE.name, template(NATIVE_TEMPLATE), NATIVE.about, async (uri, { task_id }, ctx) => {
    await read(uri, 'application/json', ctx, 'get_scan_status', { task_id })
    return contents(uri, 'application/xml', await nativeText(String(task_id), uri, files))
  })
  server.server.setRequestHandler('resources/templates/list', ({ params }) => {
    onOnePage(params?.cursor)
    return { resourceTemplates: TEMPLATES }
  })
  server.server.setRequestHandler('resources/list', async (request, ctx) => {
    const cursor = readCursor(request.params?.cursor)
    const { tasks, next_cursor: next } = await asProtocol('', () =>
      askScanListing(invoke, invocationOf(ctx, visit), { limit: PAGE, cursor }),
    )
    return {
      resources: [...(cursor === undefined ? FIXED : []), ...tasks.map(scanResource)],
      ...(next === null ? {} : { nextCursor: next }),
    }
  })
}

const describe = (title: string, mimeType: string) => ({ title, mimeType })

const SCAN = { name: 'scan', about: describe('One scan: status, progress, summary', 'application/json') }
const RESULTS = {
  name: 'results',
  about: describe('The first findings of a scan, most severe first', 'application/x-ndjson'),
}
const NATIVE = { name: 'native', about: describe('The report as the scanner wrote it', 'application/xml') }
const TEMPLATES = (
  [
    [SCAN_TEMPLATE, SCAN],
    [RESULTS_TEMPLATE, RESULTS],
    [NATIVE_TEMPLATE, NATIVE],
  ] as const
).map(([uriTemplate, { name, about }]) => ({ uriTemplate, name, ...about }))

const FIXED = [
  { uri: SCANS_URI, name: 'scans', ...describe('Scans, newest first', 'application/json') },
  { uri: FILTERS_URI, name: 'filters', ...describe('Filters and fields of results', 'text/markdown') },
]

function scanResource({ task_id, name, status, targets }: Listing['tasks'][number]) {
  return {
    uri: scanUri(task_id),
    name: task_id,
    ...describe(`${name} (${status})`, 'application/json'),
    description: targets,
    // Both were written by whoever started the scan.
    _meta: { untrusted_text: ['title', 'description'] },
  }
}

function readCursor(cursor: string | undefined): string | undefined {
  const result = v.safeParse(ListCursor, { cursor })
  if (result.success) return result.output.cursor
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'cursor: expected the nextCursor of the page before')
}

/** Reads through a tool, and says in the protocol's words when there is nothing. */
function makeRead(invoke: Invoke, visit: Visit) {
  return (uri: URL, mimeType: string, ctx: ServerContext, tool: string, args: Record<string, unknown>) =>
    asProtocol(uri.href, async () => {
      const answer = await invoke(tool, args, invocationOf(ctx, visit))
      return contents(uri, mimeType, answer.kind === 'text' ? answer.text : JSON.stringify(answer.result))
    })
}

function contents(uri: URL, mimeType: string, text: string) {
  return { contents: [{ uri: uri.href, mimeType, text }] }
}

async function nativeText(taskId: string, uri: URL, files: Pick<ScanFiles, 'native'>): Promise<string> {
  const file = await asProtocol(uri.href, () => files.native(taskId))
  if (!file) throw new ResourceNotFoundError(uri.href, `Scan ${taskId} has no report yet.`)
  if (file.sizeBytes > NATIVE_BYTES_MAX) {
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `The report has ${file.sizeBytes} bytes, too many to read here (${NATIVE_BYTES_MAX}): download GET /scans/${taskId}/native, or read ${RESULTS_TEMPLATE}.`,
    )
  }
  return asProtocol(uri.href, async () => {
    const pieces: Uint8Array[] = []
    for await (const piece of file.read()) pieces.push(piece)
    return Buffer.concat(pieces).toString()
  })
}
