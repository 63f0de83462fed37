/**
 * MCP tool `search_findings`: where something was found, across scans.
 *
 *   tool.search_findings → search_findings
 *
 * Safe to run twice: it reads.
 */
import * as v from 'valibot'
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
  title: 'Search findings in all scans',
  description:
    'Searches the findings of all ended scans, newest scan first: by CVE, plugin id, host (name, address or network), port, or words in plugin ' +
    'names. Answers "are we exposed to CVE-2021-44228", with first and last seen per host; without any of them, the worst of everything. total is counted before the list is cut; scans_left_unsearched tells what was not looked at.',
  nature: 'reads',
  arguments: v.object({
    cve: v.optional(
      v.pipe(
        v.string(),
        v.maxLength(30),
        v.regex(CVE, ({ input }) => `expected the form CVE-2021-44228, got ${describeValue(input)}`),
        v.description('A CVE id, such as CVE-2021-44228.'),
      ),
    ),
    plugin_id: v.optional(whole(1, 2_147_483_647, 'A Nessus plugin id.')),
    host: text(255, 'Any name or address of a host, in any spelling, or a network.'),
    port: v.optional(whole(0, 65_535, 'A port.')),
    text: text(200, 'Part of the plugin name, family or synopsis, in any case.'),
    severity_min: v.optional(whole(0, 4, 'Leave out findings below this severity.')),
    scans: v.optional(whole(1, 500, 'How many scans to search, newest first.'), 50),
    limit: v.optional(whole(1, 200, 'How many findings to list.'), 50),
  }),
  output: v.looseObject({
    total: v.number(),
    hosts: v.number(),
    scans_searched: v.number(),
    scans_with_results: v.number(),
    scans_left_unsearched: v.number(),
    truncated: v.boolean(),
    findings: v.array(v.record(v.string(), v.unknown())),
  }),
  emits: {},
  slow: true,

  async run(args, context) {
    return { reply: { result: await searchScans(args, context) } }
  },
})
