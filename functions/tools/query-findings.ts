/**
 * MCP tool `query_findings`: counts, groups and ranks findings, in one answer.
 *
 *   tool.query_findings → query_findings
 *
 * Safe to run twice: it reads.
 */
import * as v from 'valibot'
import { tool } from '../../lib/runtime/tool.ts'
import { checkQuestion, SUBJECTS, TOP_DEFAULT, TOP_MAX, type SubjectName } from '../../lib/reports/question/question.ts'
import { askScans, SCANS_NAMED_MAX } from '../../lib/scan-work/show/ask-scans.ts'

const NAME_CHARS_MAX = 100
const Name = v.pipe(v.string(), v.maxLength(NAME_CHARS_MAX))
const namesUpTo = (most: number) => v.union([Name, v.pipe(v.array(Name), v.maxLength(most))])
const Names = (most: number, description: string) => v.optional(v.pipe(namesUpTo(most), v.description(description)))
const Labels = v.array(v.string())
const Unseen = v.object({ count: v.number(), names: Labels, and_more: v.optional(v.number()) })

export default tool({
  name: 'query_findings',
  title: 'Count, group and rank findings',
  description:
    'Answers "how many", "which", "top" and "break down by" over one scan, several, or the latest look at each host, in one small table: ' +
    'findings, hosts, plugins, CVEs, open ports and services, compliance checks, fixes (same solution). ' +
    'Example: {"of": "hosts", "where": {"severity": ">=3", "exploit_available": true, "not": {"port": 445}}, "group_by": ["os"], "top": 10}. ' +
    'Counts are of the whole, before any cut. cannot_say comes first where the scans do not hold the answer: then 0 is not "no". ' +
    'Conditions are those of get_scan_results, and any, all, not; read nessus://filters.',
  nature: 'reads',
  arguments: v.object({
    scan: v.optional(
      v.pipe(
        namesUpTo(SCANS_NAMED_MAX),
        v.description('A task_id, several, "latest" (each host by its newest finished look) or "all".'),
      ),
      'latest',
    ),
    of: v.optional(
      v.pipe(
        v.picklist(Object.keys(SUBJECTS) as SubjectName[]),
        v.description('What is counted. findings: severity low or worse; ports and services: whatever is reported.'),
      ),
      'findings',
    ),
    where: v.optional(
      v.pipe(
        v.record(v.string(), v.unknown()),
        v.description('Field to condition, joined by and; any, all and not hold further ones.'),
      ),
      {},
    ),
    group_by: Names(3, 'Up to three fields, or scan (its date).'),
    measure: Names(5, 'findings, hosts, plugins, cves, worst, or max, min, sum and a numeric field ("max vpr_score").'),
    having: v.optional(
      v.pipe(v.record(v.string(), v.unknown()), v.description('Column to condition, such as {"hosts": ">=2"}.')),
    ),
    order: v.optional(v.pipe(Name, v.description('A column, "-" in front for the most first.'))),
    top: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(TOP_MAX), v.description('How many rows to show.')),
      TOP_DEFAULT,
    ),
    informational: v.optional(v.pipe(v.boolean(), v.description('Count informational items too.')), false),
  }),
  output: v.object({
    cannot_say: v.optional(Labels),
    of: v.string(),
    n: v.number(),
    findings: v.number(),
    hosts: v.number(),
    groups: v.number(),
    columns: Labels,
    rows: v.array(v.array(v.nullable(v.union([v.string(), v.number(), v.boolean()])))),
    cut: v.number(),
    unseen: v.record(v.string(), Unseen),
    looks: v.array(v.object({ task_id: v.string(), scan: v.string(), at: v.nullable(v.string()) })),
    untrusted_text: v.optional(Labels),
    scans_left_unasked: v.number(),
    scans_unreadable: Labels,
  }),
  emits: {},
  slow: true,

  async run({ scan, ...asked }, context) {
    return { reply: { result: { ...(await askScans({ scan, question: checkQuestion(asked) }, context)) } } }
  },
})
