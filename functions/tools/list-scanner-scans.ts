/**
 * MCP tool `list_scanner_scans`: the scans that are on a scanner, whoever made them.
 *
 *   tool.list_scanner_scans → list_scanner_scans
 *
 * Safe to run twice: it only looks.
 */
import * as v from 'valibot'
import { ScannerArguments, scannerNamed } from '../../lib/scan-work/start/scanner-argument.ts'
import { selected, selectionArguments } from '../../lib/scan-work/start/scanner-selection.ts'
import { scannerTime } from '../../lib/scanners/scanner-time.ts'
import { tool } from '../../lib/runtime/tool.ts'

const LIMIT_MAX = 200

export default tool({
  name: 'list_scanner_scans',
  title: 'List scans on a scanner',
  description:
    'Scans on a Nessus scanner itself, also what somebody made there in the web interface: by folder, status, name, date. adopt_scan takes one ' +
    'in, so that its results can be read here; under every licence. Its earlier runs: list_scanner_runs.',
  toolset: 'scanners',
  nature: 'reads',
  arguments: v.object({
    ...ScannerArguments,
    ...selectionArguments,
    limit: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(1),
        v.maxValue(LIMIT_MAX),
        v.description('Per page, latest made first.'),
      ),
      50,
    ),
    cursor: v.optional(
      v.pipe(
        v.string(),
        v.regex(/^\d{1,15}$/, 'expected the next_cursor of the page before'),
        v.description('next_cursor of the last page.'),
      ),
    ),
  }),
  output: v.object({
    scanner_instance: v.string(),
    /** Scans that meet what was asked, on all pages. */
    total: v.number(),
    /** All that its user sees there, whatever was asked. */
    on_scanner: v.number(),
    scans: v.array(
      v.object({
        scanner_scan_id: v.number(),
        name: v.string(),
        status: v.string(),
        folder: v.nullable(v.string()),
        owner: v.nullable(v.string()),
        last_modified_at: v.nullable(v.string()),
      }),
    ),
    next_cursor: v.nullable(v.string()),
    next: v.string(),
  }),
  emits: {},
  slow: true,

  async run({ limit, cursor, ...wanted }, { scanners }) {
    const entry = scannerNamed(wanted, scanners)
    const list = await scanners.scanner(entry.key).listing()
    // By its id, which a scan keeps, whatever becomes of it while the pages are read: none comes twice, and none is passed over.
    const fitting = selected(list, wanted).toSorted((a, b) => b.id - a.id)
    const rest = cursor === undefined ? fitting : fitting.filter(({ id }) => id < Number(cursor))
    const page = rest.slice(0, limit)
    const result = {
      scanner_instance: entry.instanceId,
      total: fitting.length,
      on_scanner: list.scans.length,
      scans: page.map(({ id, name, status, folder, owner, lastModifiedAt }) => ({
        scanner_scan_id: id,
        name,
        status,
        folder: folder ?? null,
        owner: owner ?? null,
        last_modified_at: scannerTime(lastModifiedAt),
      })),
      next_cursor: rest.length > limit ? String(page.at(-1)?.id) : null,
      next: 'adopt_scan with scanner_scan_id reads the results of one of them; list_scanner_runs tells its runs.',
    }
    return { reply: { result } }
  },
})
