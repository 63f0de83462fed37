/**
 * MCP tool `list_scanner_runs`: the runs of one scan on a scanner, past and present.
 *
 *   tool.list_scanner_runs → list_scanner_runs
 *
 * Safe to run twice: it only looks.
 */
import * as v from 'valibot'
import { Refusal } from '../../lib/base/errors.ts'
import { ScannerArguments, scannerNamed } from '../../lib/scan-work/start/scanner-argument.ts'
import { pageArguments, pageOf } from '../../lib/scan-work/show/scanner-page.ts'
import { runsOf } from '../../lib/scan-work/start/take-run.ts'
import { tool } from '../../lib/runtime/tool.ts'
import { scannerTime } from '../../lib/scanners/scanner-time.ts'

const LIMIT_MAX = 200

export default tool({
  name: 'list_scanner_runs',
  title: 'Runs of a scan on a scanner',
  description:
    'The history of a scan on a Nessus scanner: each run, past and present, with its date, status, and history_id or history_uuid, by which ' +
    'adopt_scan takes in that very run.',
  toolset: 'scanners',
  nature: 'reads',
  arguments: v.object({
    ...ScannerArguments,
    scanner_scan_id: v.pipe(v.number(), v.integer(), v.minValue(1), v.description('Id of the scan at the scanner.')),
    ...pageArguments(LIMIT_MAX, 'Per page, newest run first.'),
  }),
  output: v.object({
    scanner_instance: v.string(),
    scanner_scan_id: v.number(),
    name: v.nullable(v.string()),
    /** All runs, on all pages. */
    total: v.number(),
    /** False where the scanner tells of the newest run alone: how many there were is then unknown, and total is the least. */
    total_is_whole: v.boolean(),
    runs: v.array(
      v.object({
        history_id: v.nullable(v.number()),
        history_uuid: v.nullable(v.string()),
        status: v.string(),
        started_at: v.nullable(v.string()),
        /** For a run that has ended, its end. */
        last_modified_at: v.nullable(v.string()),
      }),
    ),
    next_cursor: v.nullable(v.string()),
    next: v.string(),
  }),
  emits: {},
  slow: true,

  async run({ limit, cursor, ...args }, { scanners }) {
    const entry = scannerNamed(args, scanners)
    const id = args.scanner_scan_id
    const state = await scanners.scanner(entry.key).state(id)
    if (!state) {
      const message = `Scanner ${entry.instanceId} has no scan ${id}. See list_scanner_scans.`
      throw new Refusal('not_found', message, { arguments: ['scanner_scan_id'] })
    }
    const runs = runsOf(state)
    // A run that has no id keeps its place, as far as anything does.
    const numbered = runs.map((run, at) => ({ ...run, at: run.historyId ?? at }))
    const { page, next_cursor } = pageOf(numbered, ({ at }) => at, { limit, cursor })
    const result = {
      scanner_instance: entry.instanceId,
      scanner_scan_id: id,
      name: state.name ?? null,
      total: runs.length,
      total_is_whole: runs === state.runs,
      runs: page.map((run) => ({
        history_id: run.historyId ?? null,
        history_uuid: run.uuid ?? null,
        status: run.status ?? 'unknown',
        started_at: scannerTime(run.startedAt),
        last_modified_at: scannerTime(run.changedAt),
      })),
      next_cursor,
      next: 'adopt_scan with scanner_scan_id and history_id takes in that run.',
    }
    return { reply: { result } }
  },
})
