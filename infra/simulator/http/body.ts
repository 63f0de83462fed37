/** Reads and checks what a client sent; refuses in the real scanner's words. */
import * as v from 'valibot'
import { Refused } from '../state/refusal.ts'
import type { CallContext } from './env.ts'

/** Ids come as numbers from some clients and as strings from others. */
export const Id = v.pipe(
  v.union([v.pipe(v.number(), v.integer()), v.pipe(v.string(), v.regex(/^\d{1,15}$/))]),
  v.transform(Number),
)

/** The body as `schema` wants it, from JSON, or from a form where `form` is set; no body is `{}`. Refuses with 400. */
export async function readBody<S extends v.GenericSchema>(
  call: CallContext,
  schema: S,
  { form = false }: { form?: boolean } = {},
): Promise<v.InferOutput<S>> {
  const text = await call.req.text()
  const isForm = call.req.header('content-type')?.includes('application/x-www-form-urlencoded') ?? false
  const result = v.safeParse(schema, isForm && form ? Object.fromEntries(new URLSearchParams(text)) : parseJson(text))
  if (result.success) return result.output
  const [issue] = result.issues
  const field = issue.path?.findLast((item) => typeof item.key === 'string')?.key
  throw new Refused(400, typeof field === 'string' ? `Invalid '${field}' field` : 'Invalid request body')
}

function parseJson(text: string): unknown {
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    throw new Refused(400, 'Invalid JSON in request body')
  }
}

/** A number in the path; what is none does not exist. */
export function pathId(call: CallContext, name: string): number {
  const text = call.req.param(name) ?? ''
  if (!/^\d{1,15}$/.test(text)) throw new Refused(404, 'The requested file was not found')
  return Number(text)
}

/** A whole number in the query, if there is one. Refuses with 400. */
export function queryId(call: CallContext, name: string): number | undefined {
  const text = call.req.query(name)
  if (text === undefined || text === '') return undefined
  if (!/^\d{1,15}$/.test(text)) throw new Refused(400, `Invalid '${name}' field`)
  return Number(text)
}
