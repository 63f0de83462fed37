/**
 * A question over findings, checked: what is counted, which findings count, how
 * they are grouped, measured and ordered. One language for every surface.
 */
import * as v from 'valibot'
import { describeIssues } from '../../base/check.ts'
import { Refusal } from '../../base/errors.ts'
import { refusePrototypeNames } from '../../base/prototype-names.ts'
import { meaning } from '../query/other-words.ts'
import { predicateOf } from '../query/predicate.ts'
import { AskedSubject, SUBJECTS, type Subject, type SubjectName } from './subjects.ts'

export const TOP_DEFAULT = 20
export const TOP_MAX = 1000
const GROUPS_BY_MAX = 3
const MEASURES_MAX = 5

export const MEASURES = ['findings', 'items', 'hosts', 'plugins', 'cves', 'kev', 'worst'] as const
/** `max cvss3_base_score`: over the values of a numeric field. */
const OVER_FIELD = /^(max|min|sum|mean) ([a-z][a-z0-9_]*)$/

const Names = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((names) => (typeof names === 'string' ? [names] : names)),
)
const QuestionSchema = v.object({
  of: v.optional(AskedSubject, 'findings'),
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
  readonly kind: (typeof MEASURES)[number] | 'max' | 'min' | 'sum' | 'mean'
  /** Of `max`, `min`, `sum` and `mean`. */
  readonly field?: string
}

export interface Question {
  readonly of: SubjectName
  readonly items: Subject['items']
  readonly table: Subject['table']
  readonly where: Readonly<Record<string, unknown>>
  readonly groupBy: readonly string[]
  readonly measures: readonly Measure[]
  readonly having: readonly { readonly column: string; readonly condition: string | number }[]
  readonly order: { readonly column: string; readonly descending: boolean } | undefined
  readonly top: number
  /** Whether hosts on which nothing matches are asked for too. */
  readonly emptyGroups: boolean
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
  if (of === 'fix_plan') refuseInPlan(result.output)
  if (result.output.group_by && groupBy.length > GROUPS_BY_MAX) {
    throw wrong('group_by', `at most ${GROUPS_BY_MAX} fields`, `${groupBy.length}`)
  }
  const grouped = result.output.group_by !== undefined && (groupBy.length > 0 || subject.table !== 'findings')
  const asked = result.output.measure ?? (grouped ? [measureOf(of)] : subject.measures)
  if (asked.length > MEASURES_MAX) throw wrong('measure', `at most ${MEASURES_MAX}`, `${asked.length}`)
  const measures = [...new Set(asked)].map((name) => checkMeasure(name, of))
  const columns = [...groupBy, ...measures.map(({ name }) => name)]
  const known = (column: string, where: string): string => {
    if (columns.includes(column)) return column
    throw new Refusal(
      'invalid_argument',
      `${where}: there is no column ${JSON.stringify(column.slice(0, 60))}${meaning(column, columns)}. Columns here: ${columns.join(', ')}`,
      { argument: where },
    )
  }
  const { order } = result.output
  const own = subject.order !== undefined && columns.includes(subject.order) ? subject.order : undefined
  return {
    of,
    items: subject.items === 'findings' && informational ? 'all' : subject.items,
    table: subject.table,
    where,
    groupBy,
    measures,
    having: Object.entries(having).map(([column, condition]) => ({ column: known(column, 'having'), condition })),
    emptyGroups: asksForNone(having, of, groupBy),
    order:
      order === undefined
        ? own === undefined
          ? undefined
          : { column: own, descending: false }
        : { column: known(order.replace(/^-/, ''), 'order'), descending: order.startsWith('-') },
    top,
  }
}

/** `{"findings": 0}`: hosts without any. Of other groups nobody knows which there would be. */
function asksForNone(having: Readonly<Record<string, unknown>>, of: SubjectName, groupBy: readonly string[]): boolean {
  const wanted = (['findings', 'items', 'hosts', 'plugins', 'cves'] as const)
    .filter((name) => having[name] !== undefined)
    .map((name) => predicateOf({ name, type: 'number', list: false }, having[name]))
    .filter((predicate) => predicate.matches(0))
  if (wanted.length === 0) return false
  if (of === 'hosts' && groupBy.length === 1 && groupBy[0] === 'host') return true
  if (wanted.some((predicate) => predicate.matches(1))) return false
  throw wrong('having', 'more than 0: hosts without any are known with "of": "hosts" grouped by host alone', '0')
}

/** What a subject is counted by once it is grouped by something else. */
function measureOf(of: SubjectName): string {
  if (of === 'lives') return 'findings'
  if (SUBJECTS[of].table !== 'findings') return 'hosts'
  return (MEASURES as readonly string[]).includes(of) ? of : of === 'checks' ? 'items' : 'findings'
}

/** What can be counted where no findings are asked for. */
const TABLE_MEASURES: readonly (typeof MEASURES)[number][] = ['items', 'hosts', 'plugins']
const LIFE_MEASURES: readonly (typeof MEASURES)[number][] = ['findings', 'items', 'hosts', 'plugins', 'cves', 'worst']

function checkMeasure(name: string, of: SubjectName): Measure {
  const names = SUBJECTS[of].table === 'findings' ? MEASURES : of === 'lives' ? LIFE_MEASURES : TABLE_MEASURES
  const plain = names.find((measure) => measure === name)
  if (plain) return { name, kind: plain }
  const [, kind, field] = OVER_FIELD.exec(name) ?? []
  if (kind !== undefined && field !== undefined) return { name, kind: kind as 'max' | 'min' | 'sum' | 'mean', field }
  const hint = meaning(name, names)
  throw wrong(
    'measure',
    `${names.join(', ')}, or max, min, sum or mean and a numeric field, such as "max vpr_score"${hint}`,
    JSON.stringify(name.slice(0, 60)),
  )
}

/** A plan is counted and ordered in one way alone. */
function refuseInPlan(asked: v.InferOutput<typeof QuestionSchema>): void {
  const extra = [
    ...(['group_by', 'measure', 'order'] as const).filter((name) => asked[name] !== undefined),
    ...(Object.keys(asked.having).length > 0 ? ['having'] : []),
  ]
  const [first] = extra
  if (first === undefined) return
  throw wrong(
    first,
    'nothing with "of": "fix_plan", which has an order of its own; "of": "fixes" can be grouped',
    'one',
  )
}

function wrong(argument: string, expected: string, came: string): Refusal {
  return new Refusal('invalid_argument', `${argument}: expected ${expected}, got ${came}`, { argument })
}
