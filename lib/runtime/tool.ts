/** How an MCP tool is declared: a function that is asked and answers. */
import * as v from 'valibot'
import { Refusal } from '../base/errors.ts'
import type { Transaction } from '../bus/transaction.ts'
import type { Context, FunctionDefinition } from './function.ts'
import { NATURES, type Annotations, type Nature, type Scope } from './nature.ts'
import { checkArguments } from './check-arguments.ts'
import type { Emits, Outcome, Reply } from './outcome.ts'
import type { Toolset } from './toolset.ts'
import { untrustedText, withUntrustedText } from './untrusted-text.ts'

export interface ToolDefinition<
  I extends v.ObjectSchema<v.ObjectEntries, undefined> = v.ObjectSchema<v.ObjectEntries, undefined>,
  E extends Emits = Emits,
  O extends v.GenericSchema = v.GenericSchema,
> extends FunctionDefinition<v.GenericSchema, E, Context> {
  readonly title: string
  /** Written for the model that chooses: what it does, when to use it, what to call next. Under 1,500 characters. */
  readonly description: string
  /** Where it is listed; it answers wherever it is called. */
  readonly toolset: Toolset
  readonly nature: Nature
  /** As {@link NATURES} says for its nature. */
  readonly annotations: Annotations
  readonly scope: Scope
  /** A caller that had no answer may call again, and nothing happens twice: the typed client then does so by itself. */
  readonly mayBeRepeated: boolean
  readonly arguments: I
  /** What callers are shown, where the gateway itself may send more than they. */
  readonly shown?: v.ObjectSchema<v.ObjectEntries, undefined>
  /** Arguments that are secret: the gateway seals them, and the event carries {@link REDACTED} in their place. */
  readonly secrets: readonly string[]
  /** Absent for tools that answer JSON-NL text. */
  readonly output?: O
  /** It may take long to answer: the first byte is sent at once. */
  readonly slow: boolean
  readonly waits?: WaitBounds
  /** Whether the answer may have megabytes: few such are made at a time. */
  readonly isBig?: (args: Readonly<Record<string, unknown>>) => boolean
}

/** The data of a `tool.<name>` event. */
export const ToolCall = v.object({
  arguments: v.record(v.string(), v.unknown()),
  /** The name of the caller's token. */
  caller: v.optional(v.string()),
  /** The way the call came in: mcp, http or stdio. */
  source: v.optional(v.string()),
  /** The `X-Idempotency-Key` header. */
  idempotency_key: v.optional(v.string()),
  /** SHA-256 over what the caller sent, secrets included, as canonical JSON. */
  request_hash: v.optional(v.string()),
  /** The vault's reference to the secret arguments, when there were any. */
  sealed: v.optional(v.string()),
})

/** What stands for a secret wherever one would be shown. */
export const REDACTED = '***REDACTED***'

/** What a tool knows beside its arguments. */
export interface ToolContext extends Context {
  readonly caller: string | undefined
  /** From the header; the argument, where a tool has one, is the same thing. */
  readonly idempotencyKey: string | undefined
  readonly requestHash: string | undefined
  readonly sealed: string | undefined
}

/** A value nobody changes any more, whatever made it. */
type Frozen<T> = T extends readonly (infer E)[]
  ? readonly Frozen<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T

/** What a tool may answer: what its output schema describes, a text such as JSON-NL, or a refusal. */
export type ReplyOf<O extends v.GenericSchema> =
  | { readonly result: Frozen<v.InferInput<O>> & Readonly<Record<string, unknown>> }
  | Exclude<Reply, { readonly result: unknown }>

/** How a call may wait for a change of the scan that its `task_id` names. The gateway does the waiting; the tool itself answers at once. */
export interface WaitBounds {
  /** The argument that says how many seconds. */
  readonly argument: string
  readonly secondsMax: number
  /** Text that differs when a person would call it a change; `undefined` when nothing will change any more. */
  readonly sign: (result: Readonly<Record<string, unknown>>) => string | undefined
}

interface ToolSpec<I extends v.ObjectSchema<v.ObjectEntries, undefined>, E extends Emits, O extends v.GenericSchema> {
  readonly name: string
  readonly title: string
  readonly description: string
  /** Where it is listed. Default: unasked. */
  readonly toolset?: Toolset
  readonly nature: Nature
  /** Where its nature's does not fit. */
  readonly scope?: Scope
  /** Where its nature's does not fit. */
  readonly mayBeRepeated?: boolean
  readonly arguments: I
  readonly shown?: v.ObjectSchema<v.ObjectEntries, undefined>
  readonly secrets?: readonly string[]
  readonly output?: O
  readonly emits: E
  readonly slow?: boolean
  readonly waits?: WaitBounds
  readonly isBig?: (args: Readonly<Record<string, unknown>>) => boolean
  readonly concurrency?: number
  /** Answers the call; throws {@link Refusal} to refuse it. */
  run(
    args: v.InferOutput<I>,
    context: ToolContext,
  ): Promise<Outcome<NoInfer<E>> & { readonly reply: ReplyOf<NoInfer<O>> }>
}

const TOOL_CONCURRENCY = 50

/** Declares a tool: a function whose inbox takes `tool.<name>` events. */
export function tool<
  I extends v.ObjectSchema<v.ObjectEntries, undefined>,
  const E extends Emits,
  O extends v.GenericSchema = v.GenericSchema<Readonly<Record<string, unknown>>>,
>(spec: ToolSpec<I, E, O>): ToolDefinition<I, E, O> {
  return {
    ...spec,
    annotations: NATURES[spec.nature].annotations,
    toolset: spec.toolset ?? 'default',
    scope: spec.scope ?? NATURES[spec.nature].scope,
    mayBeRepeated: spec.mayBeRepeated ?? NATURES[spec.nature].mayBeRepeated,
    kind: 'call',
    consumes: [`tool.${spec.name}`],
    input: ToolCall,
    concurrency: spec.concurrency ?? TOOL_CONCURRENCY,
    attemptsMax: 1,
    slow: spec.slow ?? false,
    secrets: spec.secrets ?? [],
    ...(spec.output === undefined ? {} : { output: withUntrustedText(spec.output) }),
    async run(data, context) {
      const call = data as v.InferOutput<typeof ToolCall>
      const origin = { caller: call.caller, idempotencyKey: call.idempotency_key, requestHash: call.request_hash }
      try {
        const args = checkArguments(spec.name, spec.arguments, call.arguments)
        // By inheritance, for a copy would have the context make its signal.
        return labelled(
          await spec.run(args, Object.assign(Object.create(context) as Context, origin, { sealed: call.sealed })),
        )
      } catch (error) {
        // What was sealed for a call that is refused serves nobody: it goes with the refusal, in one step.
        if (call.sealed === undefined || !(error instanceof Refusal)) throw error
        return { reply: { refusal: error }, also: dropSealed(call.sealed, context.scanKeys) }
      }
    },
  }
}

/** The outcome, its answer saying which of its texts others chose. */
function labelled<O extends { readonly reply: Reply }>(outcome: O): O {
  if (!('result' in outcome.reply)) return outcome
  const { result } = outcome.reply
  const untrusted = untrustedText(result)
  if (untrusted.length === 0) return outcome
  return { ...outcome, reply: { result: { ...result, untrusted_text: untrusted } } }
}

/** Erases what the gateway sealed for a call that starts no scan. */
export function dropSealed(sealed: string | undefined, scanKeys: Context['scanKeys']): Transaction {
  return { guards: [], writes: sealed === undefined ? [] : [['DEL', scanKeys.vault(sealed)]] }
}
