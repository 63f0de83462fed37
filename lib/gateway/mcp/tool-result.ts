/** Answers and refusals as MCP tool results. */
import type { CallToolResult } from '@modelcontextprotocol/server'
import { Refusal } from '../../base/errors.ts'
import type { CallAnswer } from '../answer.ts'
import { problemBody } from '../http/problem.ts'

/** Some clients show a model only the structured form and some only the text, so both carry every fact. */
export function toolResult(answer: CallAnswer): CallToolResult {
  if (answer.kind === 'text') return { content: [{ type: 'text', text: answer.text }] }
  return { content: [{ type: 'text', text: JSON.stringify(answer.result) }], structuredContent: answer.result }
}

/** Text only: some clients hold the structured form of an error against the tool's output schema. */
export function errorResult(error: unknown): CallToolResult {
  const message = error instanceof Error ? error.message : String(error)
  const refusal = error instanceof Refusal ? error : new Refusal('internal', message)
  return { content: [{ type: 'text', text: JSON.stringify(problemBody(refusal)) }], isError: true }
}
