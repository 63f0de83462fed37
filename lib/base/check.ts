import * as v from 'valibot'
import { PermanentError } from './errors.ts'
import './our-words.ts'

/** Parses `value` with `schema`; throws {@link PermanentError} naming every bad field, what was expected and what came. */
export function check<S extends v.GenericSchema>(schema: S, value: unknown, what: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  throw new PermanentError(`${what}: ${describeIssues(result.issues)}`)
}

/** One sentence per issue: `priority: expected a number, got "high"`. */
export function describeIssues(issues: readonly v.BaseIssue<unknown>[]): string {
  return issues
    .map((issue) => {
      const path = v.getDotPath(issue)
      return path === null ? issue.message : `${path}: ${issue.message}`
    })
    .join('; ')
}
