import * as v from 'valibot'
import { describeIssues } from '../base/check.ts'
import { Refusal } from '../base/errors.ts'
import { meantPerhaps } from '../base/near-names.ts'

type Arguments = v.ObjectSchema<v.ObjectEntries, undefined>

/**
 * Parses a tool's arguments. Throws a Refusal that names each bad one, what was
 * expected and what came; an argument the tool does not have is refused with the
 * nearest name it does have, since ignoring it would do something else than asked.
 */
export function checkArguments<I extends Arguments>(
  tool: string,
  schema: I,
  args: Readonly<Record<string, unknown>>,
): v.InferOutput<I> {
  const known = Object.keys(schema.entries)
  const unknown = Object.keys(args).filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    const hints = unknown.map((name) => `${name}${meantPerhaps(name, known)}`)
    throw new Refusal(
      'invalid_argument',
      `${tool} has no argument ${hints.join(', ')}. It takes: ${known.join(', ')}.`,
      {
        arguments: unknown,
      },
    )
  }
  const result = v.safeParse(schema, args)
  if (result.success) return result.output
  const names = [...new Set(result.issues.map((issue) => v.getDotPath(issue) ?? ''))]
  throw new Refusal('invalid_argument', `${tool}: ${describeIssues(result.issues)}`, { arguments: names })
}
