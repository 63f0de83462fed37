/**
 * The calls that wait for their reply, by the id of their event.
 *
 *   WC1. Each ends once: with its reply, or with why there will be none that it hears of.
 *   WC2. A call whose tool nobody serves any more does not wait for its time to run out.
 */
import * as v from 'valibot'
import { Refusal } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { WireReply } from '../runtime/reply.ts'
import type { Hosts } from './hosts.ts'
import { withTimeLimit } from '../base/time-limit.ts'

const CALLS_MAX = 10_000
const CHECK_EVERY_MS = 2500
const CHECK_LIMIT_MS = 5000
/** A worker that restarts is gone for a moment. */
const GONE_CHECKS = 2

interface Waiting {
  readonly tool: string
  readonly resolve: (reply: WireReply) => void
  readonly reject: (error: unknown) => void
}

export interface WaitingCalls {
  /** Waits for the reply to `id`. Rejects with a Refusal that says what is unknown, or with the signal's reason. */
  wait(id: string, tool: string, options: { timeoutMs: number; signal?: AbortSignal | undefined }): Promise<WireReply>
  /** Takes an entry of the gateway's reply stream. */
  readonly hear: (fields: Readonly<Record<string, string>>) => void
  /** Ends the wait for `id` with `error`. */
  fail(id: string, error: unknown): void
  readonly count: number
  close(): void
}

export function makeWaitingCalls({ hosts, log }: { hosts: Hosts; log: Log }): WaitingCalls {
  const calls = new Map<string, Waiting>()
  const tending = tend(calls, hosts)
  return {
    get count() {
      return calls.size
    },

    async wait(id, tool, { timeoutMs, signal }) {
      if (calls.size >= CALLS_MAX) {
        throw new Refusal(
          'busy',
          `This gateway waits for ${CALLS_MAX} calls already. Nothing was done: try again soon.`,
        )
      }
      let onAbort: (() => void) | undefined
      const reply = new Promise<WireReply>((resolve, reject) => {
        calls.set(id, { tool, resolve, reject })
        onAbort = () => reject(signal?.reason)
        signal?.addEventListener('abort', onAbort, { once: true })
        if (signal?.aborted) onAbort()
      })
      const late = () => unknown(`${tool} gave no answer within ${Math.round(timeoutMs / 1000)} s.`)
      try {
        return await withTimeLimit(reply, timeoutMs, late)
      } finally {
        calls.delete(id)
        if (onAbort) signal?.removeEventListener('abort', onAbort)
      }
    },

    hear({ call = '', body = '' }) {
      const waiting = calls.get(call)
      if (!waiting) return
      try {
        waiting.resolve(v.parse(WireReply, JSON.parse(body)))
      } catch (error) {
        log.error('a reply cannot be read', { call, tool: waiting.tool, error })
        waiting.reject(unknown(`The answer of ${waiting.tool} cannot be read.`, 'internal'))
      }
    },

    fail: (id, error) => calls.get(id)?.reject(error),

    close() {
      clearInterval(tending)
      for (const { reject } of calls.values()) {
        reject(unknown(`This gateway is stopping.`))
      }
    },
  }
}

/** Looks now and then whether each tool that is waited for is still served, and refuses its calls when not. */
function tend(calls: ReadonlyMap<string, Waiting>, hosts: Hosts): NodeJS.Timeout {
  const missing = new Map<string, number>()

  const refuseTool = (tool: string, message: string) => {
    for (const waiting of calls.values()) {
      if (waiting.tool === tool) waiting.reject(unknown(message))
    }
  }
  const check = async (tool: string) => {
    try {
      const late = () => new Error(`Redis did not answer within ${CHECK_LIMIT_MS} ms`)
      const serves = await withTimeLimit(hosts.serves(tool, { fresh: true }), CHECK_LIMIT_MS, late)
      const checks = serves ? 0 : (missing.get(tool) ?? 0) + 1
      missing.set(tool, checks)
      if (checks >= GONE_CHECKS) refuseTool(tool, `The last worker that served ${tool} is gone.`)
    } catch (error) {
      refuseTool(tool, `Redis went away while ${tool} ran (${messageOf(error)}).`)
    }
  }
  let checking = false
  return setInterval(() => {
    if (checking || calls.size === 0) return
    checking = true
    const tools = new Set([...calls.values()].map(({ tool }) => tool))
    for (const tool of missing.keys()) if (!tools.has(tool)) missing.delete(tool)
    void Promise.all([...tools].map(check)).finally(() => {
      checking = false
    })
  }, CHECK_EVERY_MS).unref()
}

/** A refusal of which the caller must know that the call may have been carried out all the same. */
function unknown(message: string, code: 'unavailable' | 'internal' = 'unavailable'): Refusal {
  return new Refusal(code, `${message} ${UNKNOWN}`, { carried_out: 'unknown' })
}

const UNKNOWN =
  'It is not known whether the call was carried out: look with list_tasks or get_scan_status before you repeat it, or repeat it with the same idempotency_key.'

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
