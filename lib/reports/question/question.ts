/**
 * A question over findings, checked: what is counted, which findings count, how
 * they are grouped, measured and ordered. One language for every surface.
 */
import * as v from 'valibot'
import { describeIssues } from '../../base/check.ts'
import { Refusal } from '../../base/errors.ts'
import { didYouMean } from '../../base/near-names.ts'
import { refusePrototypeNames } from '../../base/prototype-names.ts'

export const TOP_DEFAULT = 20
export const TOP_MAX = 1000
const GROUPS_BY_MAX = 3
const MEASURES_MAX = 5

interface Subject {
  /** What its rows are grouped by when the question names nothing. */
  readonly groupBy: readonly string[]
  readonly measures: readonly string[]
  /** Which items count: findings of severity low or worse, everything reported, or compliance checks. */
  readonly items: 'findings' | 'all' | 'checks'
  readonly says: string
}

/** What may be asked for. */
export const SUBJECTS = {
  findings: {
    groupBy: [],
    measures: ['findings'],
    items: 'findings',
    says: 'findings of severity low or worse, compliance checks apart',
  },
  hosts: { groupBy: ['host'], measures: ['findings', 'worst'], items: 'findings', says: 'hosts with such findings' },
  plugins: {
    groupBy: ['plugin_id', 'plugin_name'],
    measures: ['hosts', 'findings', 'worst'],
    items: 'findings',
    says: 'plugins (kinds of problems) with such findings',
  },
  cves: { groupBy: ['cve'], measures: ['hosts', 'findings'], items: 'findings', says: 'CVEs that such findings name' },
  ports: {
    groupBy: ['port', 'protocol'],
    measures: ['hosts'],
    items: 'all',
    says: 'ports on which anything at all is reported, which is what the report shows as open',
  },
  services: {
    groupBy: ['svc_name', 'port', 'protocol'],
    measures: ['hosts'],
    items: 'all',
    says: 'services on which anything at all is reported',
  },
  checks: {
    groupBy: ['compliance_check_name', 'compliance_result'],
    measures: ['hosts', 'items'],
    items: 'checks',
    says: 'compliance checks',
  },
  fixes: {
    groupBy: ['solution'],
    measures: ['findings', 'hosts', 'worst'],
    items: 'findings',
    says: 'solutions: findings with the same solution text count as one fix',
  },
} as const satisfies Readonly<Record<string, Subject>>
export type SubjectName = keyof typeof SUBJECTS

export const MEASURES = ['findings', 'items', 'hosts', 'plugins', 'cves', 'worst'] as const
/** `max cvss3_base_score`: over the values of a numeric field. */
const OVER_FIELD = /^(max|min|sum) ([a-z][a-z0-9_]*)$/

const Names = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((names) => (typeof names === 'string' ? [names] : names)),
)
const QuestionSchema = v.object({
  of: v.optional(v.picklist(Object.keys(SUBJECTS) as SubjectName[]), 'findings'),
  where: v.optional(v.record(v.string(), v.unknown()), {}),
  group_by: v.optional(Names),
  measure: v.optional(Names),
  having: v.optional(v.record(v.string(), v.union([v.string(), v.number()])), {}),
  order: v.optional(v.string()),
  top: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(TOP_MAX)), TOP_DEFAULT),
  informational: v.optional(v.boolean(), false),
})
export type QuestionInput = v.InferInput<typeof QuestionSchema>

export interface Measure {
  readonly name: string
  readonly kind: (typeof MEASURES)[number] | 'max' | 'min' | 'sum'
  /** Of `max`, `min` and `sum`. */
  readonly field?: string
}

export interface Question {
  readonly of: SubjectName
  readonly items: 'findings' | 'all' | 'checks'
  readonly where: Readonly<Record<string, unknown>>
  readonly groupBy: readonly string[]
  readonly measures: readonly Measure[]
  readonly having: readonly { readonly column: string; readonly condition: string | number }[]
  readonly order: { readonly column: string; readonly descending: boolean } | undefined
  readonly top: number
}

/** Throws a {@link Refusal} that says which word is wrong, what was expected, and the nearest right one. */
export function checkQuestion(input: unknown): Question {
  if (typeof input === 'object' && input !== null) refusePrototypeNames(input as Record<string, unknown>, 'query')
  const result = v.safeParse(QuestionSchema, input)
  if (!result.success) throw new Refusal('invalid_argument', describeIssues(result.issues))
  const { of, where, having, top, informational } = result.output
  refusePrototypeNames(where, 'where')
  const subject: Subject = SUBJECTS[of]
  const groupBy = result.output.group_by ?? subject.groupBy
  if (groupBy.length > GROUPS_BY_MAX) {
    throw wrong('group_by', `at most ${GROUPS_BY_MAX} fields`, `${groupBy.length}`)
  }
  const grouped = result.output.group_by !== undefined && groupBy.length > 0
  const asked = result.output.measure ?? (grouped ? [measureOf(of)] : subject.measures)
  if (asked.length > MEASURES_MAX) throw wrong('measure', `at most ${MEASURES_MAX}`, `${asked.length}`)
  const measures = [...new Set(asked)].map(checkMeasure)
  const columns = [...groupBy, ...measures.map(({ name }) => name)]
  const known = (column: string, where: string): string => {
    if (columns.includes(column)) return column
    throw new Refusal(
      'invalid_argument',
      `${where}: there is no column ${JSON.stringify(column.slice(0, 60))}${didYouMean(column, columns)}. Columns here: ${columns.join(', ')}`,
      { argument: where },
    )
  }
  const { order } = result.output
  return {
    of,
    items: subject.items === 'findings' && informational ? 'all' : subject.items,
    where,
    groupBy,
    measures,
    having: Object.entries(having).map(([column, condition]) => ({ column: known(column, 'having'), condition })),
    order:
      order === undefined
        ? undefined
        : { column: known(order.replace(/^-/, ''), 'order'), descending: order.startsWith('-') },
    top,
  }
}

/** What a subject is counted by once it is grouped by something else. */
function measureOf(of: SubjectName): string {
  return (MEASURES as readonly string[]).includes(of) ? of : of === 'checks' ? 'items' : 'findings'
}

function checkMeasure(name: string): Measure {
  const plain = MEASURES.find((measure) => measure === name)
  if (plain) return { name, kind: plain }
  const [, kind, field] = OVER_FIELD.exec(name) ?? []
  if (kind !== undefined && field !== undefined) return { name, kind: kind as 'max' | 'min' | 'sum', field }
  const hint = didYouMean(name, MEASURES)
  throw wrong(
    'measure',
    `${MEASURES.join(', ')}, or max, min or sum and a numeric field, such as "max vpr_score"${hint}`,
    JSON.stringify(name.slice(0, 60)),
  )
}

function wrong(argument: string, expected: string, came: string): Refusal {
  return new Refusal('invalid_argument', `${argument}: expected ${expected}, got ${came}`, { argument })
}
