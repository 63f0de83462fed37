/**
 * MCP tool `query_findings`: counts, groups and ranks findings, in one answer.
 *
 *   tool.query_findings → query_findings
 *
 * Safe to run twice: it reads.
 */
import * as v from 'valibot'
import { tool } from '../../lib/runtime/tool.ts'
import { checkQuestion, TOP_DEFAULT, TOP_MAX } from '../../lib/reports/question/question.ts'
import { AskedSubject } from '../../lib/reports/question/subjects.ts'
import { simulatedEntries } from '../../lib/scan-work/show/simulated-scans.ts'
import { askScans, SCANS_NAMED_MAX } from '../../lib/scan-work/show/ask-scans.ts'

const NAME_CHARS_MAX = 100
const Name = v.pipe(v.string(), v.maxLength(NAME_CHARS_MAX))
const namesUpTo = (most: number) => v.union([Name, v.pipe(v.array(Name), v.maxLength(most))])
const Names = (most: number, description: string) => v.optional(v.pipe(namesUpTo(most), v.description(description)))
const Labels = v.array(v.string())
const Unseen = v.object({ count: v.number(), names: Labels, and_more: v.optional(v.number()) })

export default tool({
  name: 'query_findings',
  title: 'Count, list and rank findings',
  description:
    'How many, which, top, break down by: exact, complete. Counts findings (vulnerabilities, issues), hosts (machines, servers), ' +
    'problems (plugins), lives (returned, age), CVEs, open ports and services (TCP, UDP), compliance checks (audit rules, CIS: passed, failed), fixes (patch, ' +
    'remediation, solution that removes most), installed software (version, packages), certificates (certificate expiry), accounts; by ' +
    'any field: operating system (os), name, missing, exploit, score, date. Vulnerable, exposed, patched, clean? Example: {"of": "hosts", ' +
    '"where": {"severity": ">=3"}, "group_by": "os"}. cannot_say comes first where scans do not hold the answer: then 0 is not "no".',
  nature: 'reads',
  arguments: v.object({
    scan: v.optional(
      v.pipe(
        namesUpTo(SCANS_NAMED_MAX),
        v.description(
          'task_id, several, "latest" (look at each host) or "all". The latest look is the newest that finished.',
        ),
      ),
      'latest',
    ),
    of: v.optional(v.pipe(AskedSubject, v.description('What is counted. findings: low or worse.')), 'findings'),
    where: v.optional(
      v.pipe(
        v.record(v.string(), v.unknown()),
        v.description('Field to condition. All must hold; any, all and not hold further ones.'),
      ),
      {},
    ),
    group_by: Names(3, 'Fields, or scan (its date: trend). Up to three.'),
    measure: Names(
      5,
      'findings, hosts, plugins, cves, worst, "max vpr_score". Or max, min, sum and any numeric field.',
    ),
    having: v.optional(
      v.pipe(v.record(v.string(), v.unknown()), v.description('Such as {"hosts": ">=2"}. Column to condition.')),
    ),
    order: v.optional(v.pipe(Name, v.description('A column, - for most first.'))),
    top: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(TOP_MAX), v.description('Rows to show.')),
      TOP_DEFAULT,
    ),
    informational: v.optional(v.pipe(v.boolean(), v.description('Informational items too.')), false),
  }),
  output: v.object({
    ...simulatedEntries,
    cannot_say: v.optional(Labels),
    of: v.string(),
    n: v.number(),
    findings: v.optional(v.number()),
    total_informational: v.optional(v.number()),
    hosts: v.number(),
    groups: v.number(),
    columns: Labels,
    rows: v.array(v.array(v.nullable(v.union([v.string(), v.number(), v.boolean()])))),
    cut: v.number(),
    unseen: v.record(v.string(), Unseen),
    looks: v.array(v.object({ task_id: v.string(), scan: v.string(), at: v.nullable(v.string()) })),
    looks_cut: v.optional(v.number()),
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
