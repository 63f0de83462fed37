/**
 * W3C Trace Context: the `traceparent` that travels in every event envelope and
 * ties a tool call, its events and its log lines together. Only version 00 is
 * written; what comes from outside is parsed strictly and ignored when malformed,
 * as the recommendation asks.
 */

export interface Trace {
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string
  /** 16 lower-case hex digits, not all zero. */
  readonly spanId: string
  readonly sampled: boolean
}

/** `bytes` random bytes, as `node:crypto`'s `randomBytes` gives them. */
export type RandomSource = (bytes: number) => Uint8Array

const TRACE_ID_BYTES = 16
const SPAN_ID_BYTES = 8
const SAMPLED_BIT = 0x01
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** The trace of a `traceparent` header or field; `undefined` when it is absent or malformed. */
export function parseTraceparent(header: string | null | undefined): Trace | undefined {
  const match = TRACEPARENT.exec(header?.trim() ?? '')
  if (!match) return undefined
  const [, version, traceId, spanId, flags, more] = match
  if (version === undefined || traceId === undefined || spanId === undefined || flags === undefined) return undefined
  // Version ff is forbidden; version 00 has nothing after the flags, later ones may.
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined
  if (isZero(traceId) || isZero(spanId)) return undefined
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & SAMPLED_BIT) !== 0 }
}

export function formatTraceparent({ traceId, spanId, sampled }: Trace): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`
}

/** Makes traces with ids from `random`. */
export function makeTracer(random: RandomSource): {
  /** A new trace, sampled. */
  start(): Trace
  /** The next step in the same trace: same trace id, a span id of its own. */
  child(parent: Trace): Trace
  /** Continues the caller's trace when its `traceparent` is sound, else starts a new one. */
  adopt(traceparent: string | null | undefined): Trace
} {
  const id = (bytes: number): string => {
    const hex = Buffer.from(random(bytes)).toString('hex')
    // All zero means "no trace" in the format; one source in 2^64 gives it, and a broken one always does.
    return isZero(hex) ? `${hex.slice(0, -1)}1` : hex
  }
  const start = (): Trace => ({ traceId: id(TRACE_ID_BYTES), spanId: id(SPAN_ID_BYTES), sampled: true })
  const child = (parent: Trace): Trace => ({ ...parent, spanId: id(SPAN_ID_BYTES) })
  return {
    start,
    child,
    adopt: (traceparent) => {
      const parent = parseTraceparent(traceparent)
      return parent ? child(parent) : start()
    },
  }
}

function isZero(hex: string): boolean {
  return /^0*$/.test(hex)
}
