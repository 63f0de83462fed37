/**
 * MCP tool `adopt_scan`: takes in a run of a scan that people made on the scanner.
 *
 *   tool.adopt_scan → adopt_scan → scan.finished | scan.launched (it still runs: it is followed to its end)
 *
 * Safe to run twice: an unsettled run has taken in nothing, and the scanner is only read.
 */
import * as v from 'valibot'
import { defined } from '../../lib/base/defined.ts'
import { Refusal } from '../../lib/base/errors.ts'
import { adoptedScan } from '../../lib/scan-work/start/adopted-scan.ts'
import { ScannerArguments, scannerNamed } from '../../lib/scan-work/start/scanner-argument.ts'
import { chosenRun, holderOf } from '../../lib/scan-work/start/take-run.ts'
import { keepWrite } from '../../lib/scanners/kept-entries.ts'
import type { ScanRun, ScanState } from '../../lib/scanners/scan-state.ts'
import type { Scanner } from '../../lib/scanners/scanner.ts'
import { tool } from '../../lib/runtime/tool.ts'
import { begin } from '../../lib/scans/change.ts'
import type { Scan } from '../../lib/scans/record.ts'

export default tool({
  name: 'adopt_scan',
  title: 'Take in a scan from a scanner',
  description:
    'Takes in a scan that somebody made on the Nessus scanner itself, so that all result tools work on it: its newest complete run, or the one ' +
    'that is named. A running one is followed to its end. It is never changed or deleted there, and each run is taken in once. Its id: ' +
    'list_scanner_scans; its runs: list_scanner_runs. Next: get_scan_status.',
  toolset: 'scanners',
  nature: 'changes',
  arguments: v.object({
    ...ScannerArguments,
    scanner_scan_id: v.pipe(v.number(), v.integer(), v.minValue(1), v.description('Id of the scan at the scanner.')),
    history_id: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.description('This run. Default: the newest complete one.')),
    ),
    history_uuid: v.optional(
      v.pipe(v.string(), v.nonEmpty(), v.maxLength(100), v.description('This run, by its uuid.')),
    ),
  }),
  output: v.object({
    task_id: v.string(),
    status: v.string(),
    name: v.string(),
    scanner_status: v.string(),
    history_id: v.nullable(v.number()),
    history_uuid: v.nullable(v.string()),
    /** It was here already: this is the scan that has the run. */
    taken_before: v.boolean(),
    /** Runs of the scan that are newer than this one, and in what status the newest is. */
    newer_runs: v.number(),
    newest_run_status: v.string(),
    next: v.string(),
  }),
  emits: { 'scan.finished': v.object({}), 'scan.launched': v.object({}) },
  slow: true,

  async run(args, context) {
    const entry = scannerNamed(args, context.scanners)
    const scanner = context.scanners.scanner(entry.key)
    const id = args.scanner_scan_id
    const newest = await scanner.state(id)
    if (!newest) throw missing(`Scanner ${entry.instanceId} has no scan ${id}. See list_scanner_scans.`)
    if (newest.phase === 'idle') {
      const message = `Scan ${id} has never run: there is nothing to read. Launch it at the scanner first.`
      throw new Refusal('conflict', message, { arguments: ['scanner_scan_id'] })
    }
    const run = chosenRun(newest, args)
    const state = await stateOf(run, { id, newest, scanner })
    if (!state) throw missing(`The run of scan ${id} was deleted at the scanner meanwhile. See list_scanner_runs.`)
    const server = await scanner.serverFacts()
    const told = {
      scanner: entry.key,
      scanId: id,
      serverUuid: server.serverUuid,
      runUuid: run.uuid,
      historyId: run.historyId,
    }
    const holder = await holderOf(told, newest.name, context)
    const found = holder.scan && !hasFailed(holder.scan) ? holder.scan : undefined
    const scan = found ?? adoptedScan({ entry, id, name: newest.name, run, state, server }, context)
    const result = { ...answer(scan, { run, state, newest }), taken_before: found !== undefined }
    if (found) return { reply: { result } }
    const type = scan.step === 'scanning' ? ('scan.launched' as const) : ('scan.finished' as const)
    return {
      scans: [begin(scan, defined({ had: holder.entry }))],
      also: { guards: [], writes: [keepWrite(entry, context)] },
      emit: [{ type, data: {}, subject: scan.task_id }],
      reply: { result },
    }
  },
})

interface Look {
  readonly run: ScanRun
  readonly state: ScanState
  readonly newest: ScanState
}

function answer({ task_id, status, name }: Scan, { run, state, newest }: Look) {
  return {
    task_id,
    status,
    name,
    scanner_status: state.status,
    history_id: run.historyId ?? null,
    history_uuid: run.uuid ?? null,
    newer_runs: newest.runs.length === 0 ? 0 : newest.runs.length - 1 - newest.runs.indexOf(run),
    newest_run_status: newest.status,
    next: `Call get_scan_status with task_id ${task_id} and wait_seconds 45 until the status is completed.`,
  }
}

/** The run as the scanner tells of it, which is asked anew where it is not the newest. */
async function stateOf(
  run: ScanRun,
  { id, newest, scanner }: { id: number; newest: ScanState; scanner: Scanner },
): Promise<ScanState | undefined> {
  return run === newest.runs.at(-1) || run.historyId === undefined ? newest : scanner.state(id, run.historyId)
}

/** What failed here, or was only followed for a while, may be taken in again. */
function hasFailed({ status }: Scan): boolean {
  return status === 'failed' || status === 'canceled' || status === 'timeout'
}

function missing(message: string): Refusal {
  return new Refusal('not_found', message, { arguments: ['scanner_scan_id'] })
}
