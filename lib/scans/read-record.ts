/**
 * Reading a record. What lies in the store may be anything: of a newer version, of a bad restore, of somebody's hand.
 *
 *   U1. A record is whole, and says the same as the fields and the key it lies under; anything else is unreadable.
 *   U2. An unreadable record is a value with a name where many are read, so that it harms its own scan and nobody else's.
 *   U3. Where its scan alone is concerned it is an error, tried again some times: another version's worker may know it.
 */
import * as v from 'valibot'
import { describeIssues } from '../base/check.ts'
import { NOT_A_HASH } from '../bus/keyspace.ts'
import { ScanSchema, type Scan } from './record.ts'

const PROBLEM_CHARS_MAX = 300

export interface Unreadable {
  readonly taskId: string
  /** What is wrong with it, in words. */
  readonly problem: string
}

/** Thrown by who needs the one scan whose record cannot be read. */
export class UnreadableRecord extends Error implements Unreadable {
  override readonly name = 'UnreadableRecord'
  readonly taskId: string
  readonly problem: string

  constructor({ taskId, problem }: Unreadable) {
    super(`the record of scan ${taskId} cannot be read: ${problem}`)
    this.taskId = taskId
    this.problem = problem
  }
}

export const REMEDY_UNREADABLE =
  'An operator can put it back as its task.json says with `nessus-mcp rebuild`; delete_scan with force removes it.'

/** What lies in the hash of `taskId`: a scan, what is wrong with it, or `undefined` when there is none. */
export function readRecord(taskId: string, hash: Readonly<Record<string, string>>): Scan | Unreadable | undefined {
  if (Object.keys(hash).length === 0) return undefined
  if (NOT_A_HASH in hash) return { taskId, problem: 'its key holds another type than a hash' }
  const scan = readScan(taskId, hash['body'] ?? '')
  if (isUnreadable(scan)) return scan
  const beside = { rev: String(scan.revision), status: scan.status }
  for (const [field, inBody] of Object.entries(beside)) {
    const came = hash[field] ?? ''
    if (came !== inBody)
      return unreadable(taskId, `its body says ${field} ${inBody}, the field beside it ${JSON.stringify(came)}`)
  }
  return scan
}

/** The scan that `json` describes, which must be `taskId`. */
export function readScan(taskId: string, json: string): Scan | Unreadable {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return unreadable(taskId, `expected a record as JSON, got ${JSON.stringify(json.slice(0, 40))}`)
  }
  const result = v.safeParse(ScanSchema, value)
  if (!result.success) return unreadable(taskId, describeIssues(result.issues))
  if (result.output.task_id === taskId) return result.output
  return unreadable(taskId, `it is the record of ${result.output.task_id}`)
}

/** As {@link readRecord}; throws {@link UnreadableRecord}. */
export function parseRecord(taskId: string, hash: Readonly<Record<string, string>>): Scan | undefined {
  const found = readRecord(taskId, hash)
  if (isUnreadable(found)) throw new UnreadableRecord(found)
  return found
}

export function isUnreadable(found: Scan | Unreadable | undefined): found is Unreadable {
  return found !== undefined && 'problem' in found
}

function unreadable(taskId: string, problem: string): Unreadable {
  const short = problem.length > PROBLEM_CHARS_MAX ? `${problem.slice(0, PROBLEM_CHARS_MAX - 1)}…` : problem
  return { taskId, problem: short }
}
