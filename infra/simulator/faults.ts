/** Trouble on demand: which requests go wrong, how, and how often. */
import * as v from 'valibot'
import { check } from '../../lib/base/check.ts'
import { PermanentError } from '../../lib/base/errors.ts'
import type { Clock } from './options.ts'
import type { Random } from './random.ts'
import { WRONG_ANSWER_NAMES } from './wrong-answers.ts'

const FAULTS_MAX = 1000
const DELAY_MS_MAX = 600_000

export const FAULT_ACTIONS = [
  /** Answer with `status` and `body`; nothing is done. */
  'status',
  /** Answer as `answer` names it, in wrong-answers.ts; nothing is done. */
  'answer',
  /** Drop the connection; nothing is done. */
  'reset',
  /** Do nothing and never answer. */
  'hang',
  /** Wait `delayMs`, then go on. */
  'delay',
  /** Do it, send half the answer, drop the connection. */
  'truncate',
  /** Answer 200 with something that is not JSON; nothing is done. */
  'garbage',
  /** Do it, then drop the connection instead of answering. */
  'reset-after-commit',
] as const

const FaultSpec = v.strictObject({
  match: v.optional(
    v.strictObject({
      method: v.optional(v.string()),
      /** A regular expression over the path without the query. */
      path: v.optional(v.pipe(v.string(), v.maxLength(500), v.check(isPattern, 'expected a regular expression'))),
      scanId: v.optional(v.number()),
    }),
    {},
  ),
  /** How many requests it hits; all of them when absent. */
  times: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** From its first hit on, how long it goes on; for ever when absent. */
  forSeconds: v.optional(v.pipe(v.number(), v.minValue(0))),
  probability: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 1),
  action: v.picklist(FAULT_ACTIONS),
  status: v.optional(v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)), 500),
  body: v.optional(v.string()),
  answer: v.optional(v.picklist(WRONG_ANSWER_NAMES), 'bad gateway'),
  delayMs: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(DELAY_MS_MAX)), 1000),
})
export type FaultSpec = v.InferInput<typeof FaultSpec>

export interface Fault extends v.InferOutput<typeof FaultSpec> {
  readonly id: number
  hits: number
  firstHitMs?: number
}

export interface Faults {
  /** Throws PermanentError on a malformed fault and when there are too many. Returns its id. */
  add(spec: unknown): number
  remove(id: number): boolean
  clear(): void
  list(): readonly Fault[]
  /** The first fault that hits this request, counted as a hit. */
  take(request: { method: string; path: string }): Fault | undefined
}

export function makeFaults({ random, clock }: { random: Random; clock: Clock }): Faults {
  let faults: Fault[] = []
  let nextId = 1

  function hits(fault: Fault, request: { method: string; path: string }): boolean {
    const { method, path, scanId } = fault.match
    if (method !== undefined && method.toUpperCase() !== request.method) return false
    if (path !== undefined && !new RegExp(path).test(request.path)) return false
    if (scanId !== undefined && !`${request.path}/`.startsWith(`/scans/${scanId}/`)) return false
    return fault.probability >= 1 || random.next() < fault.probability
  }

  return {
    add(spec) {
      const checked = check(FaultSpec, spec, 'fault')
      if (faults.length >= FAULTS_MAX) throw new PermanentError(`fault: there are ${FAULTS_MAX} already; clear some`)
      const fault = { ...checked, id: nextId++, hits: 0 }
      faults.push(fault)
      return fault.id
    },
    remove(id) {
      const before = faults.length
      faults = faults.filter((fault) => fault.id !== id)
      return faults.length < before
    },
    clear() {
      faults = []
    },
    list: () => faults,
    take(request) {
      const nowMs = clock.now()
      const lasts = ({ firstHitMs = nowMs, forSeconds = Infinity }: Fault): boolean =>
        nowMs - firstHitMs <= forSeconds * 1000
      const fault = faults.find((one) => {
        return (one.times === undefined || one.hits < one.times) && lasts(one) && hits(one, request)
      })
      if (!fault) return undefined
      fault.hits += 1
      fault.firstHitMs ??= nowMs
      return fault
    },
  }
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp
  } catch {
    return false
  }
}
