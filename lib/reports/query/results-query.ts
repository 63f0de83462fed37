/** What a reader of results may ask for, checked. */
import * as v from 'valibot'
import { describeIssues } from '../../base/check.ts'
import { Refusal } from '../../base/errors.ts'
import { refusePrototypeNames } from '../../base/prototype-names.ts'

export const PAGE_SIZE_MIN = 10
export const PAGE_SIZE_MAX = 100
export const PAGE_SIZE_DEFAULT = 40
export const MAX_CHARS_DEFAULT = 40_000
export const MAX_CHARS_MIN = 1000
/** One answer never exceeds this, whatever is asked. */
export const ANSWER_BYTES_MAX = 8 * 1024 * 1024
const FILTERS_MAX = 50

export const ReportQuery = v.object({
  /** From 1; 0 is everything, uncut, up to {@link ANSWER_BYTES_MAX}. */
  page: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 1),
  pageSize: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(PAGE_SIZE_MIN), v.maxValue(PAGE_SIZE_MAX)),
    PAGE_SIZE_DEFAULT,
  ),
  profile: v.optional(v.string()),
  customFields: v.optional(v.array(v.string())),
  /** Field → value; the values are checked against the field's type. */
  filters: v.optional(v.record(v.string(), v.unknown())),
  sort: v.optional(v.unknown()),
  maxChars: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(MAX_CHARS_MIN), v.maxValue(ANSWER_BYTES_MAX)),
    MAX_CHARS_DEFAULT,
  ),
})
export type ReportQuery = v.InferInput<typeof ReportQuery>
export type CheckedQuery = v.InferOutput<typeof ReportQuery>

const TOOL_NAMES: Readonly<Record<string, string>> = {
  pageSize: 'page_size',
  profile: 'schema_profile',
  customFields: 'custom_fields',
  maxChars: 'max_chars',
}

/** `query` with its defaults. Throws a {@link Refusal} that names the argument as the tools do. */
export function checkQuery(query: ReportQuery): CheckedQuery {
  refusePrototypeNames(query.filters, 'filters')
  const result = v.safeParse(ReportQuery, query)
  if (!result.success) {
    const message = describeIssues(result.issues).replace(
      /\b(?:pageSize|profile|customFields|maxChars)\b/g,
      (name) => TOOL_NAMES[name] ?? name,
    )
    throw new Refusal('invalid_argument', message)
  }
  const count = Object.keys(result.output.filters ?? {}).length
  if (count > FILTERS_MAX) {
    throw new Refusal('invalid_argument', `filters: expected at most ${FILTERS_MAX}, got ${count}`)
  }
  return result.output
}
