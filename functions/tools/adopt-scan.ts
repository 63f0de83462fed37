/**
 * MCP tool `adopt_scan`: takes in a scan that people made on the scanner.
 *
 *   tool.adopt_scan → adopt_scan → scan.finished | scan.launched (it still runs: it is followed to its end)
 *
 * Safe to run twice: an unsettled run has taken in nothing, and the scanner is only read.
 */
import * as v from 'valibot'
import { Refusal } from '../../lib/base/errors.ts'
import { adoptedScan } from '../../lib/scan-work/start/adopted-scan.ts'
import { ScannerArguments, scannerNamed } from '../../lib/scan-work/start/scanner-argument.ts'
import { keepWrite } from '../../lib/scanners/kept-entries.ts'
import { tool } from '../../lib/runtime/tool.ts'
import { begin } from '../../lib/scans/change.ts'

export default tool({
  name: 'adopt_scan',
  title: 'Take in a scan from a scanner',
  description:
    'Takes in a scan that somebody made on the Nessus scanner itself, so that all result tools work on it. A running one is followed to its end. ' +
    'It is never changed or deleted there. Its id: list_scanner_scans. Next: get_scan_status.',
  toolset: 'scanners',
  nature: 'changes',
  arguments: v.object({
    ...ScannerArguments,
    scanner_scan_id: v.pipe(v.number(), v.integer(), v.minValue(1), v.description('Id of the scan at the scanner.')),
  }),
  output: v.object({
    task_id: v.string(),
    status: v.string(),
    name: v.string(),
    scanner_status: v.string(),
    next: v.string(),
  }),
  emits: { 'scan.finished': v.object({}), 'scan.launched': v.object({}) },
  slow: true,

  async run(args, context) {
    const entry = scannerNamed(args, context.scanners)
    const scanner = context.scanners.scanner(entry.key)
    const state = await scanner.state(args.scanner_scan_id)
    const listed = (await scanner.scans()).find(({ id }) => id === args.scanner_scan_id)
    if (!state) {
      const message = `Scanner ${entry.instanceId} has no scan ${args.scanner_scan_id}. See list_scanner_scans.`
      throw new Refusal('not_found', message, { arguments: ['scanner_scan_id'] })
    }
    if (state.phase === 'idle') {
      const message = `Scan ${args.scanner_scan_id} has never run: there is nothing to read. Launch it at the scanner first.`
      throw new Refusal('conflict', message, { arguments: ['scanner_scan_id'] })
    }
    const running = state.phase === 'active' || state.phase === 'paused'
    const server = await scanner.serverFacts()
    const found = { entry, id: args.scanner_scan_id, name: listed?.name, state, running, server }
    const scan = adoptedScan(found, context)
    const result = {
      task_id: scan.task_id,
      status: scan.status,
      name: scan.name,
      scanner_status: state.status,
      next: `Call get_scan_status with task_id ${scan.task_id} and wait_seconds 45 until the status is completed.`,
    }
    return {
      scans: [begin(scan)],
      also: { guards: [], writes: [keepWrite(entry, context)] },
      emit: [{ type: running ? 'scan.launched' : 'scan.finished', data: {}, subject: scan.task_id }],
      reply: { result },
    }
  },
})
