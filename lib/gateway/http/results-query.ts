/** The query of `GET /scans/<id>/results`: the arguments of get_scan_results as URL parameters. */
import * as v from 'valibot'
import { describeIssues } from '../../base/check.ts'
import { Refusal } from '../../base/errors.ts'
import { refusePrototypeNames } from '../../base/prototype-names.ts'
import { isDeeper, JSON_DEPTH_MAX } from '../../base/json-depth.ts'
import type { ResultsQuery } from '../../reports/query/results-query.ts'

const List = v.pipe(
  v.string(),
  v.transform((text) =>
    text
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== ''),
  ),
)
const Filters = v.pipe(
  v.string(),
  v.parseJson(undefined, 'expected a JSON object such as {"severity":">=3"}'),
  v.check((filters) => !isDeeper(filters), `expected a JSON object that nests at most ${JSON_DEPTH_MAX} levels deep`),
  v.transform((value) => {
    refusePrototypeNames(value, 'filters')
    return value
  }),
  v.record(v.string(), v.unknown(), 'expected a JSON object such as {"severity":">=3"}'),
)
const Parameters = v.strictObject({
  schema_profile: v.optional(v.string()),
  custom_fields: v.optional(List),
  filters: v.optional(Filters),
  sort: v.optional(List),
})

/** Everything that matches, uncut. Throws a Refusal that names the bad parameter. */
export function readResultsQuery(parameters: Readonly<Record<string, string>>): ResultsQuery {
  const result = v.safeParse(Parameters, parameters)
  if (!result.success) throw new Refusal('invalid_argument', describeIssues(result.issues))
  const { schema_profile: profile, custom_fields: customFields, filters, sort } = result.output
  return {
    page: 0,
    ...(profile === undefined ? {} : { profile }),
    ...(customFields === undefined ? {} : { customFields }),
    ...(filters === undefined ? {} : { filters }),
    ...(sort === undefined ? {} : { sort }),
  }
}
