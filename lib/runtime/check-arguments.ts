import * as v from 'valibot'
import { describeIssues } from '../base/check.ts'
import { Refusal } from '../base/errors.ts'
import { meantPerhaps } from '../base/near-names.ts'
import { refusePrototypeNames } from '../base/prototype-names.ts'
import { readArguments } from './read-arguments.ts'

type Arguments = v.ObjectSchema<v.ObjectEntries, undefined>

/**
 * Parses a tool's arguments. Throws a Refusal that names each bad one, what was
 * expected and what came; an argument the tool does not have is refused with the
 * nearest name it does have, since ignoring it would do something else than asked.
 */
export function checkArguments<I extends Arguments>(
  tool: string,
  schema: I,
  given: Readonly<Record<string, unknown>>,
): v.InferOutput<I> {
  const args = readArguments(schema, given)
  refuseUnknown(tool, schema, args)
  const result = v.safeParse(schema, args)
  if (result.success) return result.output
  const names = [...new Set(result.issues.map((issue) => v.getDotPath(issue) ?? ''))]
  throw new Refusal('invalid_argument', `${tool}: ${describeIssues(result.issues)}`, { arguments: names })
}

const NAME_CHARS_MAX = 60
const UNKNOWN_NAMED_MAX = 20

/** Throws a Refusal when there is an argument that the tool does not have, whatever its value, or a key that no object may have. */
function refuseUnknown(tool: string, schema: Arguments, args: Readonly<Record<string, unknown>>): void {
  const known = Object.keys(schema.entries)
  const unknown = Object.keys(args)
    .filter((name) => !known.includes(name))
    .map((name) => name.slice(0, NAME_CHARS_MAX))
  if (unknown.length === 0) return refusePrototypeNames(args, tool)
  const hints = unknown.slice(0, UNKNOWN_NAMED_MAX).map((name) => `${name}${meantPerhaps(name, known)}`)
  const takes = known.length === 0 ? 'It takes none.' : `It takes: ${known.join(', ')}.`
  throw new Refusal('invalid_argument', `${tool} has no argument ${hints.join(', ')}. ${takes}`, {
    arguments: unknown.slice(0, UNKNOWN_NAMED_MAX),
  })
}
