/**
 * Lets work go on a few at a time, and the rest wait in line.
 *
 *   T1. Of one key never more than `perKey` at a time (`perUnnamed` where callers have no names), of all never more than `inAll`.
 *   T2. Keys take turns: however long one's line, another's first waits for at most one of each key before it.
 *   T3. While others call too, a key that shares has only `shared` at a time, so that they wait for fewer; alone it has all of its `perKey`.
 *   T4. A line has a limit for each caller and in all; beyond it the caller is told at once, and when to come back.
 */
import { Refusal } from '../base/errors.ts'
import { makeCallerQuota } from './caller-quota.ts'

const IN_LINE_MS = 30_000
const RETRY_AFTER_SECONDS = 5
/** Who has called within this time counts as calling. */
const CALLING_MS = 2000

export interface TurnsOptions {
  readonly what: string
  readonly perKey: number
  readonly perUnnamed: number
  /** What a key that shares has while other callers call; `perKey` where left out. */
  readonly shared?: number
  readonly inAll: number
  /** How many may be under way or in line. */
  readonly linePerCaller: number
  readonly lineInAll: number
}

export interface Turn {
  readonly caller: string | undefined
  /** Within the caller: what has a line of its own. */
  readonly kind: string
  readonly shares?: boolean
  /** Leaves the line. */
  readonly signal?: AbortSignal | undefined
}

export interface Turns {
  /** Resolves, when it is one's turn, with what ends it. Throws a Refusal `busy` when the line is full, or the signal's reason. */
  take(turn: Turn): Promise<() => void>
  /** That a caller calls, with something that needs no turn. */
  note(caller: string | undefined): void
}

export function makeTurns(options: TurnsOptions): Turns {
  const { what, perKey, perUnnamed, shared = perKey, linePerCaller, lineInAll } = options
  const places = makeCallerQuota({ what, perCaller: linePerCaller, inAll: lineInAll })
  const lines = makeLines(options.inAll)
  const calling = makeCalling()
  const mostOf = ({ caller, shares = false }: Turn) => {
    if (caller === undefined) return () => perUnnamed
    return shares ? () => (calling.others(caller) ? shared : perKey) : () => perKey
  }
  return {
    note: (caller) => calling.note(caller),
    async take(turn) {
      const { caller, kind, signal } = turn
      signal?.throwIfAborted()
      const leave = places.take(caller)
      calling.note(caller)
      const key = `${caller ?? ''} ${kind}`
      try {
        await lines.enter(key, mostOf(turn), (go) => inLine(go, signal, what))
      } catch (error) {
        leave()
        throw error
      }
      let ended = false
      return () => {
        if (ended) return
        ended = true
        leave()
        lines.end(key)
      }
    },
  }
}

/** Who has called lately. */
function makeCalling() {
  const lastMs = new Map<string, number>()
  const forget = (before: number) => {
    for (const [caller, ms] of lastMs) {
      if (ms >= before) return
      lastMs.delete(caller)
    }
  }
  return {
    note(caller = ''): void {
      // In the order of their last calls.
      lastMs.delete(caller)
      lastMs.set(caller, performance.now())
    },
    others(caller: string): boolean {
      forget(performance.now() - CALLING_MS)
      return lastMs.size > (lastMs.has(caller) ? 1 : 0)
    },
  }
}

interface Line {
  readonly most: () => number
  running: number
  readonly waiting: Set<() => void>
}

type Wait = (begun: (go: () => void) => () => void) => Promise<void>

function makeLines(inAll: number) {
  // In the order of whose turn it is.
  const lines = new Map<string, Line>()
  let all = 0
  const begin = (line: Line) => {
    line.running++
    all++
  }
  const next = () => {
    for (const [key, line] of lines) {
      if (all >= inAll) return
      const [first] = line.waiting
      if (!first || line.running >= line.most()) continue
      line.waiting.delete(first)
      // Whoever had a turn stands behind the others.
      lines.delete(key)
      lines.set(key, line)
      begin(line)
      first()
      return next()
    }
  }
  return {
    async enter(key: string, most: () => number, wait: Wait): Promise<void> {
      const line = lines.get(key) ?? { most, running: 0, waiting: new Set() }
      lines.set(key, line)
      if (all < inAll && line.running < most() && line.waiting.size === 0) return begin(line)
      await wait((go) => {
        line.waiting.add(go)
        return () => {
          line.waiting.delete(go)
          if (line.running === 0 && line.waiting.size === 0) lines.delete(key)
        }
      })
    },
    end(key: string): void {
      const line = lines.get(key)
      if (!line) return
      line.running--
      all--
      if (line.running === 0 && line.waiting.size === 0) lines.delete(key)
      next()
    },
  }
}

/** Stands in line until it is one's turn; leaves it with the signal, or when it takes too long. */
function inLine(begun: (go: () => void) => () => void, signal: AbortSignal | undefined, what: string): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const leaveLine = begun(() => {
      end()
      resolve()
    })
    const leave = (why: unknown) => {
      leaveLine()
      end()
      reject(why)
    }
    const left = () => leave(signal?.reason)
    const limit = setTimeout(() => leave(tooLong(what)), IN_LINE_MS)
    const end = () => {
      clearTimeout(limit)
      signal?.removeEventListener('abort', left)
    }
    signal?.addEventListener('abort', left, { once: true })
  })
}

function tooLong(what: string): Refusal {
  const waited = `this one waited ${IN_LINE_MS / 1000} s for those of yours before it`
  return new Refusal('busy', `${what}: ${waited}. Nothing was done: try again in ${RETRY_AFTER_SECONDS} s.`, {
    retry_after_seconds: RETRY_AFTER_SECONDS,
  })
}
