/**
 * MCP tool `list_scanner_scans`: the scans that are on a scanner, whoever made them.
 *
 *   tool.list_scanner_scans → list_scanner_scans
 *
 * Safe to run twice: it only looks.
 */
import * as v from 'valibot'
import { pageArguments, pageOf } from '../../lib/scan-work/show/scanner-page.ts'
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
    ...pageArguments(LIMIT_MAX, 'Per page, latest made first.'),
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
    const fitting = selected(list, wanted)
    const { page, next_cursor } = pageOf(fitting, ({ id }) => id, { limit, cursor })
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
      next_cursor,
      next: 'adopt_scan with scanner_scan_id reads the results of one of them; list_scanner_runs tells its runs.',
    }
    return { reply: { result } }
  },
})
