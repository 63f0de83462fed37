/** Scans as MCP tasks: read and canceled through the tools, like by anybody else. */
import type { CallToolResult } from '@modelcontextprotocol/server'
import * as v from 'valibot'
import { Refusal } from '../../base/errors.ts'
import { NATURES } from '../../runtime/nature.ts'
import { timeOf } from '../../facts/task-id.ts'
import type { CallAnswer } from '../answer.ts'
import type { Invoke } from '../invoke.ts'
import { invocationOf, type Visit } from './call-context.ts'
import { knowsTasks, taskResult, type Tasks, type TaskState } from './tasks.ts'
import type { AsTask } from './tools.ts'
import { toolResult } from './tool-result.ts'

const POLL_INTERVAL_MS = 5000

/** What a task shows of get_scan_status. */
const Status = v.looseObject({
  task_id: v.string(),
  status: v.string(),
  step: v.string(),
  progress: v.nullable(v.number()),
  created_at: v.string(),
  started_at: v.optional(v.nullable(v.string())),
  completed_at: v.optional(v.nullable(v.string())),
})
/** What a tool that set a scanner to work says. */
const Started = v.object({ task_id: v.string(), next: v.optional(v.string(), 'The scan is queued.') })
type Status = v.InferOutput<typeof Status>

export function makeScanTasks(invoke: Invoke, visit: Visit): Tasks {
  return {
    async get(taskId, ctx) {
      try {
        const answer = await invoke('get_scan_status', { task_id: taskId }, invocationOf(ctx, visit))
        return scanTask(answer)
      } catch (error) {
        if (error instanceof Refusal && (error.code === 'not_found' || error.code === 'invalid_argument'))
          return undefined
        throw error
      }
    },
    async cancel(taskId, ctx) {
      await invoke('stop_scan', { task_id: taskId }, invocationOf(ctx, visit)).catch((error: unknown) => {
        // A scan that has ended meanwhile needs no stopping.
        if (!(error instanceof Refusal) || (error.code !== 'conflict' && error.code !== 'not_ready')) throw error
      })
    },
  }
}

/** Makes a task of the answer of a tool that started a scan, when the client follows tasks. */
export const asScanTask: AsTask = (tool, result, ctx) => {
  if (!NATURES[tool.nature].isTask || !knowsTasks(ctx)) return result
  const started = v.safeParse(Started, result.structuredContent)
  if (!started.success) return result
  const { task_id: taskId, next } = started.output
  // The task's clock is the worker's business; until the first look, now is as good as any time.
  const now = dateOf(taskId)
  return taskResult({
    taskId,
    status: 'working',
    statusMessage: next,
    createdAt: now,
    lastUpdatedAt: now,
    ttlMs: null,
    pollIntervalMs: POLL_INTERVAL_MS,
  })
}

/** The time within a task id. */
const dateOf = (taskId: string): string => new Date(timeOf(taskId) ?? 0).toISOString()

function scanTask(answer: CallAnswer): TaskState {
  const scan = v.parse(Status, answer.kind === 'result' ? answer.result : {})
  const seen = {
    taskId: scan.task_id,
    createdAt: scan.created_at,
    lastUpdatedAt: scan.completed_at ?? scan.started_at ?? scan.created_at,
    ttlMs: null,
    pollIntervalMs: POLL_INTERVAL_MS,
  }
  switch (scan.status) {
    case 'queued':
    case 'running': {
      const at = scan.progress === null ? '' : `, ${Math.round(scan.progress)} %`
      return { ...seen, status: 'working', statusMessage: `${scan.status}: ${scan.step}${at}` }
    }
    case 'canceled':
      return { ...seen, status: 'cancelled', statusMessage: 'The scan was stopped.' }
    default:
      // A scan that failed is a result too: it says why, and what to do about it.
      return { ...seen, status: 'completed', statusMessage: scan.status, result: endedResult(scan) }
  }
}

/** The end of a scan in the form that the run tools promise, with all that get_scan_status says. */
function endedResult(scan: Status): CallToolResult {
  const result = toolResult({ kind: 'result', result: { ...scan, estimated_wait_minutes: null, idempotent: false } })
  return scan.status === 'completed' ? result : { content: result.content, isError: true }
}
