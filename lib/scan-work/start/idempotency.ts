/**
 * Starting a scan at most once per idempotency key. The key is written in the
 * same atomic step as the scan, guarded by its absence: of two calls that race,
 * one starts the scan and the other finds it.
 */
import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { Refusal } from '../../base/errors.ts'
import type { Transaction, Write } from '../../bus/transaction.ts'
import type { Scan } from '../../scans/record.ts'
import type { ScanKeys } from '../../scans/scan-keys.ts'
import { TaskId } from '../../facts/task-id.ts'
import type { ToolContext } from '../../runtime/tool.ts'

const KEPT_MS = 48 * 3_600_000

export interface KeyClaim {
  /** The task an earlier call with this key and the same request started. */
  readonly first?: string
  /** What the record of the task about to start keeps of it. */
  readonly made?: NonNullable<Scan['idempotency']>
  /** Writes the key, for the task about to start. */
  write(taskId: string): Transaction
}

/** Looks the key up. Throws Refusal when header and argument differ, or when the key was used for another request. */
export async function claimIdempotency(argument: string | undefined, context: ToolContext): Promise<KeyClaim> {
  const header = context.idempotencyKey
  if (argument !== undefined && header !== undefined && argument !== header) {
    throw new Refusal(
      'invalid_argument',
      'idempotency_key and the header X-Idempotency-Key differ; send one, or the same.',
    )
  }
  const key = argument ?? header
  if (key === undefined) return { write: () => ({ guards: [], writes: [] }) }
  const owner = context.caller ?? ''
  const digest = createHash('sha256').update(`${owner}\n${key}`).digest('hex')
  const redisKey = context.scanKeys.idempotency(digest)
  const requestHash = context.requestHash ?? ''
  const known = await context.keyspace.get(redisKey)
  if (known === undefined) {
    return {
      made: { key: digest, request: requestHash },
      write: (taskId) => ({
        guards: [{ if: 'absent', key: redisKey, else: 'stale' }],
        writes: [keyWrite(redisKey, taskId, requestHash, KEPT_MS)],
      }),
    }
  }
  const [first = '', hash = ''] = known.split(' ')
  if (!v.is(TaskId, first)) {
    // It cannot be told what it started, so it starts nothing.
    const message = 'What this idempotency key stands for cannot be read. See list_tasks, and use a new key.'
    throw new Refusal('conflict', message)
  }
  if (hash !== requestHash) {
    throw new Refusal(
      'conflict',
      `This idempotency key was used for another request, which started ${first}. Use a new key for a new request.`,
      { task_id: first },
    )
  }
  return { first, write: () => ({ guards: [], writes: [] }) }
}

/** Writes the key of a scan again for what is left of its time: for a Redis that lost it. */
export function idempotencyWrites({ task_id, created_at, idempotency }: Scan, keys: ScanKeys, now: Date): Write[] {
  const leftMs = KEPT_MS - (now.getTime() - Date.parse(created_at))
  if (!idempotency || leftMs <= 0) return []
  return [keyWrite(keys.idempotency(idempotency.key), task_id, idempotency.request, leftMs)]
}

function keyWrite(redisKey: string, taskId: string, requestHash: string, ttlMs: number): Write {
  return ['SET', redisKey, `${taskId} ${requestHash}`, 'PX', String(Math.ceil(ttlMs))]
}
