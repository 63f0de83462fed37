/** The plain HTTP interface as an OpenAPI 3.1 document, made from the tools' own schemas. */
import { REFUSALS } from '../../base/errors.ts'
import { DEFAULT_EXPORT, EXPORT_FORMATS, EXPORT_NAMES } from '../../facts/export-formats.ts'
import type { ToolDefinition } from '../../runtime/tool.ts'
import { toolSchemas } from '../tool-schemas.ts'

interface OpenApiOptions {
  readonly tools: readonly ToolDefinition[]
  readonly version: string
  /** Whether callers must present a token. */
  readonly locked: boolean
}

const STATUSES = [...new Set(Object.values(REFUSALS))].toSorted((a, b) => a - b)
const PROBLEM = { $ref: '#/components/schemas/Problem' }
const problems = Object.fromEntries(
  STATUSES.map((status) => {
    const codes = Object.entries(REFUSALS).flatMap(([code, own]) => (own === status ? [code] : []))
    return [String(status), { description: codes.join(' or '), content: { 'application/json': { schema: PROBLEM } } }]
  }),
)
const taskId = {
  name: 'id',
  in: 'path',
  required: true,
  schema: { type: 'string' },
  description: 'The task_id of a scan.',
}
const parameter = (name: string, description: string) => ({
  name,
  in: 'query',
  description,
  schema: { type: 'string' },
})

export function openApi({ tools, version, locked }: OpenApiOptions): object {
  return {
    openapi: '3.1.0',
    info: { title: 'nessus-mcp', version, description: 'Run Nessus scans and read their results.' },
    ...(locked ? { security: [{ bearer: [] }] } : {}),
    paths: {
      ...Object.fromEntries(tools.map((tool) => [`/tools/${tool.name}`, { post: toolOperation(tool) }])),
      ...scanPaths,
    },
    components: {
      ...(locked ? { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } } : {}),
      schemas: { Problem: problemSchema },
    },
  }
}

function toolOperation(tool: ToolDefinition): object {
  const { input, output } = toolSchemas(tool)
  const answer = output
    ? { 'application/json': { schema: output } }
    : { 'application/x-ndjson': { schema: { type: 'string' } } }
  const key = { name: 'X-Idempotency-Key', in: 'header', schema: { type: 'string' } }
  return {
    operationId: tool.name,
    summary: tool.title,
    description: `${tool.description}\n\nScope: ${tool.scope}`,
    tags: [tool.scope],
    ...('idempotency_key' in tool.arguments.entries ? { parameters: [key] } : {}),
    requestBody: { content: { 'application/json': { schema: input } } },
    responses: { '200': { description: 'The result.', content: answer }, ...problems },
  }
}

const file = { schema: { type: 'string', format: 'binary' } }
const formats = Object.entries(EXPORT_FORMATS)
const formatsTold = formats.map(([name, { says }]) => `${name}: ${says}`).join('. ')
const formatContents = Object.fromEntries(formats.map(([, { type }]) => [type, file]))
const scanPaths = {
  '/scans/{id}/native': {
    get: {
      operationId: 'downloadNative',
      summary: 'The report as the scanner wrote it; ranges are served',
      parameters: [taskId],
      responses: { '200': { description: 'The file.', content: { 'application/xml': file } }, ...problems },
    },
  },
  '/scans/{id}/results': {
    get: {
      operationId: 'streamResults',
      summary: 'All findings, of any size, as JSON lines or in another format',
      parameters: [
        taskId,
        parameter('schema_profile', 'minimal, summary, brief or full'),
        parameter('custom_fields', 'Names of fields, separated by commas'),
        parameter('filters', 'A JSON object, as in get_scan_results'),
        parameter('sort', 'Fields, separated by commas; - in front for descending'),
        {
          ...parameter('format', formatsTold),
          schema: { type: 'string', enum: EXPORT_NAMES, default: DEFAULT_EXPORT },
        },
      ],
      responses: { '200': { description: 'The findings.', content: formatContents }, ...problems },
    },
  },
  '/scans/import': {
    post: {
      operationId: 'importScan',
      summary: 'Take a .nessus file as a completed scan',
      parameters: [parameter('name', 'Name of the scan')],
      requestBody: {
        content: {
          'application/octet-stream': file,
          'multipart/form-data': { schema: { type: 'object', properties: { file: file.schema } } },
        },
      },
      responses: {
        '201': { description: 'The scan.', content: { 'application/json': { schema: { type: 'object' } } } },
        ...problems,
      },
    },
  },
}

const problemSchema = {
  type: 'object',
  properties: {
    error: {
      type: 'object',
      properties: { code: { type: 'string', enum: Object.keys(REFUSALS) }, message: { type: 'string' } },
      required: ['code', 'message'],
      additionalProperties: true,
    },
  },
  required: ['error'],
}
