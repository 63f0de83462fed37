/**
 * Calls a tool: its arguments go to the tool's inbox as an event, the answer
 * comes back on this gateway's reply stream. Never hangs: when nobody serves
 * the tool, or Redis is away, the caller hears so.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Refusal } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Bus, Post } from '../bus/bus.ts'
import type { Followed } from '../bus/follow.ts'
import type { WireReply } from '../runtime/reply.ts'
import type { ToolDefinition } from '../runtime/tool.ts'
import type { CallAnswer } from './answer.ts'
import { type CallArguments, callEvent, type CallEventDeps, type CallOrigin, prepareCall } from './call-event.ts'
import { makeChanges, type Changes, type ScanNews } from './changes.ts'
import { type Hosts, makeHosts } from './hosts.ts'
import { makeTurns } from './turns.ts'
import { makeWaits } from './waits.ts'
import { makeWaitingCalls, type WaitingCalls } from './waiting-calls.ts'
import { withTimeLimit } from '../base/time-limit.ts'

const TIMEOUT_MS = 60_000
/** Calls of one caller to one tool that workers are running; a call of another caller waits for no more than these. */
const AT_ONCE = 16
/** The same while others call: what they wait for is then little. */
const SHARED_AT_ONCE = 2
/** Where callers have no names, all of them together. */
const UNNAMED_AT_ONCE = 256
/** Answers of megabytes: what is on its way to its reader is held whole. */
const BIG_AT_ONCE = 2
const BIG_IN_ALL = 4
/** A reader so slow holds its place no longer. */
const BIG_HELD_MS = 30_000
const LINE_PER_CALLER = 1000
const CALLS_MAX = 10_000
/** How long Redis may take to take a call before the caller hears that it is away. */
const PUBLISH_LIMIT_MS = 8000

export interface ToolCallOptions extends CallOrigin {
  readonly traceparent?: string | undefined
  readonly timeoutMs?: number | undefined
  /** Gives up waiting; what the tool does is not undone. */
  readonly signal?: AbortSignal | undefined
  /** Resolves when the answer is out at its reader's: until then a large one takes room. */
  readonly answered?: Promise<void> | undefined
  /** Hears of changes of the scan that the call's `task_id` names, while the call waits. */
  readonly onProgress?: ((news: ScanNews) => void) | undefined
}

export interface Caller {
  /** The tools that can be called, by name. */
  readonly tools: ReadonlyMap<string, ToolDefinition>
  /** Throws a Refusal: the tool's own, or why it could not be asked. */
  call(name: string, args: CallArguments, options?: ToolCallOptions): Promise<CallAnswer>
  readonly changes: Changes
  /** Calls under way. */
  readonly waiting: number
  /** Resolves once replies and changes are heard; rejects when Redis does not answer for some seconds. */
  readonly ready: Promise<void>
  close(): void
}

export interface CallerOptions extends CallEventDeps {
  readonly bus: Bus
  /** Names this gateway; unique among all that run. */
  readonly gateway: string
  readonly tools: readonly ToolDefinition[]
  /** Streams to follow on the same connection; what they say is heard before what the log said later. */
  readonly alsoFollow?: readonly Followed[]
  readonly makeTraceparent: () => string
  readonly log: Log
}

export function makeCaller(options: CallerOptions): Caller {
  const { bus, gateway, log } = options
  const tools = new Map(options.tools.map((tool) => [tool.name, tool]))
  const hosts = makeHosts(bus)
  const waiting = makeWaitingCalls({ hosts, log })
  const changes = makeChanges()
  const follower = bus.follow([
    ...(options.alsoFollow ?? []),
    { key: bus.keys.replies(gateway), from: 'beginning', hear: waiting.hear, drop: true },
    { key: bus.keys.log, from: 'now', hear: changes.hear },
  ])

  const waits = makeWaits(changes)
  const inTurn = makeInTurn(options, waiting, hosts)

  return {
    tools,
    changes,
    ready: follower.ready,
    get waiting() {
      return waiting.count + waits.count
    },

    async call(name, args, call = {}) {
      const tool = tools.get(name)
      if (!tool) throw new Refusal('not_found', `There is no tool ${name}. There are: ${[...tools.keys()].join(', ')}.`)
      const taskId = args['task_id']
      const unsubscribe =
        call.onProgress && typeof taskId === 'string' ? changes.subscribe(taskId, call.onProgress) : () => {}
      const look = (signal: AbortSignal | undefined) => inTurn(tool, args, { ...call, signal })
      try {
        return await waits.answer({ tool, args, caller: call.caller, signal: call.signal, look })
      } finally {
        unsubscribe()
      }
    },

    close() {
      follower.close()
      waits.close()
      waiting.close()
    },
  }
}

/** Asks a worker when it is the caller's turn. */
function makeInTurn(options: CallerOptions, waiting: WaitingCalls, hosts: Hosts) {
  const publish = makePublish(options, hosts)
  const line = { linePerCaller: LINE_PER_CALLER, lineInAll: CALLS_MAX }
  const turns = makeTurns({
    what: 'calls',
    perKey: AT_ONCE,
    shared: SHARED_AT_ONCE,
    perUnnamed: UNNAMED_AT_ONCE,
    inAll: CALLS_MAX,
    ...line,
  })
  const big = makeTurns({
    what: 'large answers',
    perKey: BIG_AT_ONCE,
    perUnnamed: BIG_IN_ALL,
    inAll: BIG_IN_ALL,
    ...line,
  })

  const ask = async (tool: ToolDefinition, args: CallArguments, call: ToolCallOptions) => {
    const id = options.makeId()
    // Waited for before it is published: a reply may come faster than the publish's own answer.
    const reply = waiting.wait(id, tool.name, { timeoutMs: call.timeoutMs ?? TIMEOUT_MS, signal: call.signal })
    publish(tool, args, call, id).catch((error: unknown) => waiting.fail(id, error))
    return answerOf(await reply)
  }
  return async (tool: ToolDefinition, args: CallArguments, call: ToolCallOptions) => {
    const { caller, signal } = call
    const isBig = tool.isBig?.(args) ?? false
    // What only uses a processor shares it; what waits for a scanner or a disk holds nobody up.
    const shares = !tool.slow || tool.waits !== undefined
    const turn = isBig ? { kind: 'large' } : shares ? { kind: 'quick', shares } : { kind: tool.name }
    const endTurn = await (isBig ? big : turns).take({ caller, signal, ...turn })
    let answered: Promise<unknown> | undefined
    try {
      const answer = await ask(tool, args, call)
      if (isBig) answered = call.answered
      return answer
    } finally {
      if (answered) void Promise.race([answered, sleep(BIG_HELD_MS, undefined, { ref: false })]).finally(endTurn)
      else endTurn()
    }
  }
}

/** Seals a call and puts it in its tool's inbox, when somebody serves that tool. */
function makePublish(options: CallerOptions, hosts: Hosts) {
  const { bus, gateway } = options
  return async (tool: ToolDefinition, args: CallArguments, call: ToolCallOptions, id: string) => {
    const sealed = prepareCall(tool, args, call, options)
    if (!(await reachable(hosts.serves(tool.name), 'no'))) {
      const remedy = 'Start one with `nessus-mcp worker` (or `npm run up`).'
      throw new Refusal('unavailable', `No worker serves ${tool.name}. ${remedy} Nothing was done.`)
    }
    const traceparent = call.traceparent ?? options.makeTraceparent()
    const event = callEvent(tool.name, sealed, {
      id,
      gateway,
      traceparent,
      now: bus.now(),
      timeoutMs: call.timeoutMs ?? TIMEOUT_MS,
    })
    const post: Post = { to: tool.name, event, delayMs: 0, attempt: 1 }
    await reachable(bus.publish([post], { guards: [], writes: sealed.writes }), 'unknown')
  }
}

const REMEDIES = {
  no: 'Nothing was done: try again.',
  unknown: 'The call may or may not have been taken: repeat it with the same idempotency_key, or look first.',
} as const

/** Waits for Redis, but not for long. */
async function reachable<T>(work: Promise<T>, carriedOut: keyof typeof REMEDIES): Promise<T> {
  const refusal = (why: string) => {
    const message = `Redis cannot be reached: ${why}. ${REMEDIES[carriedOut]} Check that Redis runs, and REDIS_URL.`
    return new Refusal('unavailable', message, { carried_out: carriedOut })
  }
  try {
    return await withTimeLimit(work, PUBLISH_LIMIT_MS, () => new Error(`no answer within ${PUBLISH_LIMIT_MS / 1000} s`))
  } catch (error) {
    throw refusal(error instanceof Error ? error.message : String(error))
  }
}

function answerOf(reply: WireReply): CallAnswer {
  if (reply.kind !== 'refusal') return reply
  throw new Refusal(reply.code, reply.message, reply.details)
}
