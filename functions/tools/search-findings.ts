/**
 * MCP tool `search_findings`: where something was found, across scans.
 *
 *   tool.search_findings → search_findings
 *
 * Safe to run twice: it reads.
 */
import * as v from 'valibot'
import { SearchAnswer } from '../../lib/reports/ask/answers.ts'
import { CVE } from '../../lib/reports/ask/search-report.ts'
import { searchScans } from '../../lib/scan-work/show/search-scans.ts'
import { describeValue } from '../../lib/base/our-words.ts'
import { tool } from '../../lib/runtime/tool.ts'

const text = (length: number, description: string) =>
  v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(length), v.description(description)))
const whole = (min: number, max: number, description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max), v.description(description))

export default tool({
  name: 'search_findings',
  title: 'Search all scans',
  description:
    'Searches all scans that we hold for a CVE, plugin, host, port or words: are we exposed to CVE-2021-44228, on which machines, first and last ' +
    'seen (since when, how old). What do we know about 10.0.0.5; which machines have port 22 open. Numbers are better asked of query_findings.',
  toolset: 'details',
  nature: 'reads',
  arguments: v.object({
    cve: v.optional(
      v.pipe(
        v.string(),
        v.maxLength(30),
        v.regex(CVE, ({ input }) => `expected the form CVE-2021-44228, got ${describeValue(input)}`),
        v.description('Such as CVE-2021-44228.'),
      ),
    ),
    plugin_id: v.optional(whole(1, 2_147_483_647, 'Nessus plugin.')),
    host: text(255, 'Name, address or network. In any spelling.'),
    port: v.optional(whole(0, 65_535, 'A port.')),
    text: text(200, 'Part of plugin name, family or synopsis. In any case.'),
    severity_min: v.optional(whole(0, 4, 'Lowest severity.')),
    scans: v.optional(whole(1, 500, 'How many, newest first.'), 50),
    limit: v.optional(whole(1, 200, 'How many findings to list.'), 50),
  }),
  output: SearchAnswer,
  emits: {},
  slow: true,

  async run(args, context) {
    return { reply: { result: await searchScans(args, context) } }
  },
})
