/** Reading a report file into a scan of its own. */
import { defined } from '../../base/defined.ts'
import { DEFAULT_PROFILE } from '../../facts/profiles.ts'
import { rm, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { PermanentError, Refusal } from '../../base/errors.ts'
import { openBelow } from '../../base/open-below.ts'
import { streamHandle } from '../../base/stream-file.ts'
import { traceId } from '../../bus/event.ts'
import type { ReportFacts } from '../../reports/judge/report-facts.ts'
import type { Scan } from '../../scans/record.ts'
import { makeTaskId } from '../../facts/task-id.ts'
import { judged, reportsOwn } from '../end/report-fields.ts'
import type { ToolContext } from '../../runtime/tool.ts'

/** Stands for the scanner in the task ids and pools of imported reports. */
const IMPORTED = 'import'
const PATH_CHARS_SHOWN = 200
/** A name the gateway gave: nothing else is looked up among uploads. */
const UPLOAD = /^[A-Za-z0-9_-]{8,80}\.upload$/

export interface ImportArguments {
  readonly path?: string | undefined
  readonly name?: string | undefined
  readonly upload?: string | undefined
}

/** Takes the file in and reads it. Throws a Refusal that says what is wrong with it and where; nothing is left then. */
export async function importReport(
  args: ImportArguments,
  context: ToolContext,
): Promise<{ scan: Scan; facts: ReportFacts; twin: Scan | undefined }> {
  const { path: file, handle } = await openFile(args, context)
  const taskId = makeTaskId('nessus', IMPORTED, context.now, context.randomHex(4))
  try {
    const limits = { bytesMax: context.limits.importBytesMax, archives: true }
    await streamHandle(handle, async (bytes) => {
      const quota = await quotaOf(context)
      if (quota.left <= 0) throw quota.refusal()
      const { sizeBytes } = await context.reports.receive(taskId, bytes, limits)
      if (sizeBytes > quota.left) throw quota.refusal()
    })
    const facts = await context.reports.build(taskId)
    const twin = await sameFile(facts.file.sha256, context)
    return { scan: importedScan(taskId, args, file, facts, twin, context), facts, twin }
  } catch (error) {
    await context.reports.remove(taskId)
    if (!(error instanceof PermanentError) || error instanceof Refusal) throw error
    // The reports library names the file as it is kept; the caller knows it by another name.
    const problem = error.message.replace(/^scan_native\.nessus: /, '')
    throw new Refusal('invalid_argument', `${args.name ?? basename(args.path ?? 'the file')}: ${problem}`, {
      arguments: [args.path === undefined ? 'upload' : 'path'],
    })
  } finally {
    if (args.upload !== undefined) await rm(file, { force: true })
  }
}

/** An earlier scan of the very same report. */
async function sameFile(sha256: string, { scans }: ToolContext): Promise<Scan | undefined> {
  const listing = await scans.list({ matches: (scan) => scan.native?.sha256 === sha256, limit: 1 })
  return listing.scans[0]
}

/** What to say of {@link sameFile}. */
export const twinWarning = (twin: Scan): string =>
  `The same file is here already, as ${twin.task_id} (${twin.name}): counts over all scans see it twice. Delete one of the two.`

/** What this caller may still import. */
async function quotaOf({ keyspace, scanKeys, caller = '', limits }: ToolContext) {
  const imported = await keyspace.ranked(scanKeys.importedBy(caller), 0, -1)
  const used = imported.reduce((sum, { score }) => sum + score, 0)
  const refusal = () => {
    const have = `your ${imported.length} imported reports take ${used} of ${limits.importQuotaBytes} bytes (IMPORT_QUOTA_BYTES), and this one would take more than is left`
    return new Refusal('too_large', `${have}. Delete some with delete_scan, then import it again.`, {
      used_bytes: used,
      quota_bytes: limits.importQuotaBytes,
    })
  }
  return { left: limits.importQuotaBytes - used, refusal }
}

interface Opened {
  readonly path: string
  readonly handle: FileHandle
}

async function openFile({ path, upload }: ImportArguments, { limits }: ToolContext): Promise<Opened> {
  if (upload !== undefined) {
    if (!UPLOAD.test(upload)) throw refusal('upload', 'upload: expected a name that the gateway gave.')
    const found = await openBelow(limits.uploadDir, upload)
    if (found) return found
    throw refusal('upload', `upload: no such file here. Gateways and workers must share DATA_DIR. Send the file again.`)
  }
  if (path === undefined) throw refusal('path', 'path: expected a .nessus file below the import directory, got none.')
  if (limits.importDir === undefined) {
    throw refusal(
      'path',
      'No import directory is configured (IMPORT_DIR). Send the file to POST /scans/import instead.',
    )
  }
  const found = await openBelow(limits.importDir, path)
  if (found) return found
  throw refusal(
    'path',
    `path: expected a file below the import directory, got ${JSON.stringify(path.slice(0, PATH_CHARS_SHOWN))}.`,
  )
}

function importedScan(
  taskId: string,
  args: ImportArguments,
  file: string,
  facts: ReportFacts,
  twin: Scan | undefined,
  context: ToolContext,
): Scan {
  const now = context.now.toISOString()
  const source = args.path ?? 'an upload'
  const named = args.name ?? facts.report_name
  return {
    task_id: taskId,
    trace_id: traceId(context.event.traceparent) ?? context.randomHex(16),
    revision: 1,
    status: 'completed',
    step: 'done',
    name: named === '' ? basename(file) : named,
    description: `Imported from ${source}`,
    schema_profile: DEFAULT_PROFILE,
    origin: 'imported',
    ...reportsOwn(facts, context.now),
    priority: 0,
    debug_mode: false,
    ...defined({ caller: context.caller }),
    scanner_type: 'nessus',
    scanner_pool: IMPORTED,
    created_at: now,
    ended_at: now,
    progress: 100,
    ...definite(judged(facts)),
    ...(twin ? { validation_warnings: [twinWarning(twin), ...facts.validation_warnings] } : {}),
  }
}

function definite<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}

function refusal(argument: string, message: string): Refusal {
  return new Refusal('invalid_argument', message, { arguments: [argument] })
}
