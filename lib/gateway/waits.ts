/**
 * The waiting of calls that ask for a change: it is done here, where changes are
 * heard anyway, and holds no place in a worker. Such a call looks, waits, and
 * looks again.
 *
 *   W1. It ends with a look that shows a change, with one when the time is up, or when the caller leaves.
 *   W2. A change that comes between the first look and the waiting is not missed.
 *   W3. Progress alone ends no wait: it is told by notices.
 *   W4. Those who wait for the same scan look again together, by one call for each caller.
 */
import type { ToolDefinition } from '../runtime/tool.ts'
import type { CallArguments } from './call-event.ts'
import type { CallAnswer } from './answer.ts'
import type { Changes, ScanNews } from './changes.ts'
import { makeCallerQuota } from './caller-quota.ts'

const WAITS_PER_CALLER = 500
const WAITS_IN_ALL = 5000

export interface Waiting {
  readonly tool: Pick<ToolDefinition, 'name' | 'waits'>
  readonly args: CallArguments
  readonly caller: string | undefined
  readonly signal: AbortSignal | undefined
  /** One look, which does not wait; it ends early with the signal. */
  readonly look: (signal: AbortSignal | undefined) => Promise<CallAnswer>
}

export interface CallWaits {
  /** The answer once something has changed, or as it is when the time is up. Throws what looking throws, or a Refusal `busy`. */
  answer(waiting: Waiting): Promise<CallAnswer>
  /** Waits under way. */
  readonly count: number
  /** Lets every wait end with what is known. */
  close(): void
}

export function makeWaits(changes: Changes): CallWaits {
  const places = makeCallerQuota({ what: 'waits', perCaller: WAITS_PER_CALLER, inAll: WAITS_IN_ALL })
  const looks = new Map<string, Promise<CallAnswer>>()
  const closing = new Set<() => void>()
  let closed = false

  // A look that others began on older news may have come too early for this one.
  const lookTogether = ({ tool, args, caller = '', look }: Waiting, revision: number): Promise<CallAnswer> => {
    const key = [tool.name, args['task_id'], caller, revision].join(' ')
    const under = looks.get(key) ?? look(undefined).finally(() => looks.delete(key))
    looks.set(key, under)
    return under
  }

  return {
    get count() {
      return places.taken
    },
    close() {
      closed = true
      for (const end of closing) end()
    },

    async answer(waiting) {
      const { tool, args, caller, signal } = waiting
      const taskId = args['task_id']
      const waitMs = secondsOf(tool, args) * 1000
      if (waitMs === 0 || typeof taskId !== 'string') return waiting.look(signal)
      const leave = places.take(caller)
      const news = listen(changes, taskId)
      closing.add(news.stop)
      if (closed) news.stop()
      const deadline = performance.now() + waitMs
      try {
        // The first look is one's own: it says whether this caller may look at all, and with which arguments.
        let answer = await waiting.look(signal)
        const sign = signOf(tool, answer)
        while (sign !== undefined) {
          const leftMs = deadline - performance.now()
          const heard = leftMs > 0 ? await news.next(answer, leftMs, signal) : undefined
          if (signal?.aborted) throw signal.reason
          answer = await lookTogether(waiting, heard ?? 0)
          if (heard === undefined || signOf(tool, answer) !== sign) break
        }
        return answer
      } finally {
        closing.delete(news.stop)
        news.end()
        leave()
      }
    },
  }
}

/** How long the call wants to wait; what is no number of seconds is left to the tool's own check. */
function secondsOf(tool: Waiting['tool'], args: CallArguments): number {
  if (!tool.waits) return 0
  const wanted = args[tool.waits.argument]
  const seconds = typeof wanted === 'string' && wanted !== '' ? Number(wanted) : wanted
  if (typeof seconds !== 'number' || !(seconds > 0)) return 0
  return Math.min(seconds, tool.waits.secondsMax)
}

function signOf(tool: Waiting['tool'], answer: CallAnswer): string | undefined {
  return answer.kind === 'result' ? tool.waits?.sign(answer.result) : undefined
}

/** The news of one scan that may be worth another look. */
function listen(changes: Changes, taskId: string) {
  let missed: ScanNews[] = []
  let wake = () => {}
  let attention: string | undefined
  const end = changes.subscribe(taskId, (news) => {
    missed.push(news)
    wake()
  })
  const matters = ({ status, step, attention: now }: ScanNews, seen: CallAnswer) => {
    const shown = seen.kind === 'result' ? seen.result : {}
    const same = status === shown['status'] && step === shown['step'] && now === attention
    attention = now
    return !same
  }
  let over = false
  const stop = () => {
    over = true
    wake()
  }
  return {
    end,
    stop,
    /** The revision of what was heard that may show; `undefined` when the time was up or a signal came first. */
    async next(seen: CallAnswer, leftMs: number, signal: AbortSignal | undefined): Promise<number | undefined> {
      if (signal?.aborted) return undefined
      const timer = setTimeout(stop, leftMs)
      signal?.addEventListener('abort', stop, { once: true })
      try {
        while (!over) {
          const heard = missed
          missed = []
          const worthALook = heard.filter((news) => matters(news, seen)).at(-1)
          if (worthALook) return worthALook.revision
          if (!over && missed.length === 0) await new Promise<void>((resolve) => (wake = resolve))
        }
        return undefined
      } finally {
        clearTimeout(timer)
        signal?.removeEventListener('abort', stop)
      }
    },
  }
}
