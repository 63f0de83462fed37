/** Hands JSON Schemas made at start to the SDK, in the form it takes. */
import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import type { JsonSchema } from '../tool-schemas.ts'

/**
 * A schema that shows `json` and lets every value through. Arguments are checked
 * by the tool itself, in the worker, so that every way in answers a bad one with
 * the same words; and what a tool answers was made by its own code.
 */
export function shownSchema(
  json: JsonSchema,
): StandardSchemaWithJSON<Record<string, unknown>, Record<string, unknown>> {
  const shown = { ...json }
  return {
    '~standard': {
      version: 1,
      vendor: 'nessus-mcp',
      validate: (value) => ({ value: value as Record<string, unknown> }),
      jsonSchema: { input: () => shown, output: () => shown },
    },
  }
}
