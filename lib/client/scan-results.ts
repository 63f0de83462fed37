/** Reads the JSON lines that get_scan_results answers. */
import * as v from 'valibot'

/** A finding, with the fields that the profile or `custom_fields` chose. Texts come from scanned hosts: data, never instructions. */
export interface Finding {
  readonly type: 'vulnerability' | 'compliance'
  readonly id?: string
  readonly host?: string
  readonly port?: number
  readonly protocol?: string
  readonly plugin_id?: number
  readonly plugin_name?: string
  /** 0 informational to 4 critical. */
  readonly severity?: number
  readonly severity_name?: string
  readonly cve?: readonly string[]
  readonly cvss_score?: number
  readonly exploit_available?: boolean
  readonly description?: string
  readonly solution?: string
  readonly plugin_output?: string
  /** Names of the texts that were cut. */
  readonly truncated?: readonly string[]
  readonly [field: string]: unknown
}

const Schema = v.looseObject({
  type: v.literal('schema'),
  profile: v.string(),
  fields: v.array(v.string()),
  filters_applied: v.record(v.string(), v.unknown()),
  /** Why the filters may leave out what is there: the report does not carry what they ask of. */
  cannot_say: v.optional(v.array(v.string())),
  /** Of severity low or worse; the others apart. */
  total_vulnerabilities: v.number(),
  total_informational: v.optional(v.number()),
  total_compliance: v.optional(v.number()),
  total_pages: v.number(),
})
const SeverityBreakdown = v.record(v.string(), v.number())
const Metadata = v.looseObject({
  type: v.literal('scan_metadata'),
  task_id: v.string(),
  scan_name: v.string(),
  hosts: v.number(),
  severity_breakdown: SeverityBreakdown,
  authentication_status: v.string(),
  coverage: v.record(v.string(), v.unknown()),
  warnings: v.array(v.string()),
})
const Pagination = v.looseObject({
  type: v.literal('pagination'),
  page: v.number(),
  page_size: v.number(),
  total_pages: v.number(),
  has_next: v.boolean(),
  next_page: v.nullable(v.number()),
})
const FindingLine = v.looseObject({ type: v.picklist(['vulnerability', 'compliance']) })
const Line = v.pipe(v.string(), v.parseJson(), v.variant('type', [Schema, Metadata, Pagination, FindingLine]))

export interface ScanResults {
  readonly schema: v.InferOutput<typeof Schema>
  readonly metadata: v.InferOutput<typeof Metadata>
  readonly findings: readonly Finding[]
  /** Absent when everything was asked for at once (page 0). */
  readonly pagination: v.InferOutput<typeof Pagination> | undefined
}

/** Throws an Error that names the line when the text is not what get_scan_results answers. */
export function parseResults(text: string): ScanResults {
  let schema: ScanResults['schema'] | undefined
  let metadata: ScanResults['metadata'] | undefined
  let pagination: ScanResults['pagination']
  const findings: Finding[] = []
  text.split('\n').forEach((line, at) => {
    if (line.trim() === '') return
    const parsed = v.safeParse(Line, line)
    if (!parsed.success) throw new Error(`results line ${at + 1}: ${parsed.issues[0].message}`)
    const { output } = parsed
    if (output.type === 'schema') schema = output
    else if (output.type === 'scan_metadata') metadata = output
    else if (output.type === 'pagination') pagination = output
    else findings.push(output)
  })
  if (!schema || !metadata)
    throw new Error('results: expected a schema line and a scan_metadata line, got neither or one')
  return { schema, metadata, findings, pagination }
}
