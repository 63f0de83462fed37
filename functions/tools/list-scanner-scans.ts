/**
 * MCP tool `list_scanner_scans`: the scans that are on a scanner, whoever made them.
 *
 *   tool.list_scanner_scans → list_scanner_scans
 *
 * Safe to run twice: it only looks.
 */
import * as v from 'valibot'
import { ScannerArguments, scannerNamed } from '../../lib/scan-work/start/scanner-argument.ts'
import { tool } from '../../lib/runtime/tool.ts'

const LIMIT_MAX = 200

export default tool({
  name: 'list_scanner_scans',
  title: 'List scans on a scanner',
  description:
    'Scans on a Nessus scanner itself, also what somebody made there in the web interface. adopt_scan takes one in, so that its results can be ' +
    'read here; under every licence.',
  toolset: 'scanners',
  nature: 'reads',
  arguments: v.object({
    ...ScannerArguments,
    name_filter: v.optional(v.pipe(v.string(), v.maxLength(200), v.description('Part of the name, in any case.'))),
    limit: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(LIMIT_MAX), v.description('How many, newest first.')),
      50,
    ),
  }),
  output: v.object({
    scanner_instance: v.string(),
    total: v.number(),
    scans: v.array(
      v.object({
        scanner_scan_id: v.number(),
        name: v.string(),
        status: v.string(),
        last_modified_at: v.nullable(v.string()),
      }),
    ),
    next: v.string(),
  }),
  emits: {},
  slow: true,

  async run(args, { scanners }) {
    const entry = scannerNamed(args, scanners)
    const wanted = args.name_filter?.toLowerCase() ?? ''
    const all = (await scanners.scanner(entry.key).scans()).filter(({ name }) => name.toLowerCase().includes(wanted))
    const newest = all.toSorted((a, b) => (b.lastModifiedAt ?? 0) - (a.lastModifiedAt ?? 0)).slice(0, args.limit)
    const result = {
      scanner_instance: entry.instanceId,
      total: all.length,
      scans: newest.map(({ id, name, status, lastModifiedAt }) => ({
        scanner_scan_id: id,
        name,
        status,
        last_modified_at: lastModifiedAt ? new Date(lastModifiedAt * 1000).toISOString() : null,
      })),
      next: 'adopt_scan with scanner_scan_id reads the results of one of them.',
    }
    return { reply: { result } }
  },
})
