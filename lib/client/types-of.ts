/** What a tool takes and answers, as types, by its own schemas. Types only: nothing of the server is loaded. */
import type { GenericSchema, InferInput, InferOutput } from 'valibot'

/** `result` by the tool's output schema; a tool without one answers text, such as JSON-NL. */
export interface TypesOf<
  T extends { arguments: GenericSchema; output?: GenericSchema },
  Result = InferOutput<NonNullable<T['output']>>,
> {
  readonly arguments: InferInput<T['arguments']>
  readonly result: Result
}
