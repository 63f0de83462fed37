/** The query of `GET /scans/<id>/results`: the arguments of get_scan_results as URL parameters, read by the same reader. */
import { defined } from '../../base/defined.ts'
import * as v from 'valibot'
import { Refusal } from '../../base/errors.ts'
import { isUnwieldy, JSON_DEPTH_MAX, JSON_VALUES_MAX } from '../../base/json-depth.ts'
import type { ReportQuery } from '../../reports/query/results-query.ts'
import { DEFAULT_EXPORT, EXPORT_NAMES, type ExportName } from '../../facts/export-formats.ts'
import { checkArguments } from '../../runtime/check-arguments.ts'

/** Lists come as words with commas, `filters` as JSON; the reader knows by the kinds. */
const Parameters = v.object({
  schema_profile: v.optional(v.string()),
  custom_fields: v.optional(v.array(v.string())),
  filters: v.optional(v.record(v.string(), v.unknown())),
  sort: v.optional(v.array(v.string())),
  format: v.optional(v.picklist(EXPORT_NAMES), DEFAULT_EXPORT),
})

export interface ResultsRequest {
  readonly query: ReportQuery
  readonly format: ExportName
}

/** Everything that matches, uncut. Throws a Refusal that names the bad parameter. */
export function readResultsQuery(parameters: Readonly<Record<string, string>>): ResultsRequest {
  const query = checkArguments('GET /scans/<id>/results', Parameters, parameters)
  const { schema_profile: profile, custom_fields: customFields, filters, sort, format } = query
  if (isUnwieldy(filters)) {
    throw new Refusal(
      'invalid_argument',
      `filters: expected at most ${JSON_VALUES_MAX} values, nested at most ${JSON_DEPTH_MAX} deep, got more`,
    )
  }
  return { query: { page: 0, ...defined({ profile, customFields, filters, sort }) }, format }
}
