/** Reads the gateway's own form of an error, `{"error": {"code", "message", …}}`, which MCP and plain HTTP share. */
import * as v from 'valibot'
import { TaskNotFoundError, ToolError } from './errors.ts'

const Problem = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ error: v.looseObject({ code: v.string(), message: v.string() }) }),
)

/** The error that `text` tells; `undefined` when it is in no form of ours. */
export function readRefusal(
  text: string,
  tool: string,
  args: Readonly<Record<string, unknown>>,
): ToolError | undefined {
  const result = v.safeParse(Problem, text)
  if (!result.success) return undefined
  const { code, message, ...details } = result.output.error
  const taskId = args['task_id']
  if (code === 'not_found' && typeof taskId === 'string')
    return new TaskNotFoundError(tool, taskId, { message, details })
  return new ToolError(tool, { code, message, details })
}
