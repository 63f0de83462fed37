/**
 * Task ids: `{type}_{instance}_{YYYYMMDD}_{HHMMSS}_{8 hex}`, for example
 * `ns_local_20261121_093000_1f2e3d4c`. Every id from outside is checked here
 * before it becomes part of a key or a path.
 */
import * as v from 'valibot'

const FORM = String.raw`[a-z]{2}_[A-Za-z0-9-]{1,32}_\d{8}_\d{6}_[0-9a-f]{8}`
const TASK_ID = new RegExp(`^${FORM}$`)

/** Whether a text is a task id, and nothing beside it. */
export const isTaskId = (text: string): boolean => TASK_ID.test(text)

/** Matches each task id within a longer text. */
export const taskIdsWithin = (): RegExp => new RegExp(String.raw`\b${FORM}\b`, 'g')

export const TaskId = v.pipe(
  v.string(),
  v.regex(TASK_ID, ({ received }) => {
    return `expected a task id as the run tools return it, like ns_local_20261121_093000_1f2e3d4c, got ${received.slice(0, 80)}`
  }),
)

/** The two letters that stand for a scanner type in a task id. */
const TYPE_LETTERS = { nessus: 'ns' } as const
export type ScannerType = keyof typeof TYPE_LETTERS

/** `randomHex` are 8 hex digits; `at` is when the call was accepted. */
export function makeTaskId(type: ScannerType, instanceId: string, at: Date, randomHex: string): string {
  const [date = '', time = ''] = at.toISOString().split('T')
  const stamp = `${date.replaceAll('-', '')}_${time.slice(0, 8).replaceAll(':', '')}`
  return `${TYPE_LETTERS[type]}_${instanceId}_${stamp}_${randomHex}`
}

/** The second in which the scan was accepted; `undefined` when the digits are no date. */
export function timeOf(taskId: string): number | undefined {
  const [, year, month, day, hour, minute, second] =
    /_(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)_[0-9a-f]{8}$/.exec(taskId) ?? []
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(ms) ? undefined : ms
}
