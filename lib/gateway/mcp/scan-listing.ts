/** One page of scans, newest first, read through the tool that lists them. */
import * as v from 'valibot'
import type { Invocation, Invoke } from '../invoke.ts'

const Listing = v.object({
  tasks: v.array(v.object({ task_id: v.string(), name: v.string(), status: v.string(), targets: v.string() })),
  next_cursor: v.nullable(v.string()),
})
export type Listing = v.InferOutput<typeof Listing>

export interface ListingWish {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly status?: 'completed' | undefined
}

/** Throws a Refusal when it cannot be had. */
export async function askScanListing(invoke: Invoke, invocation: Invocation, wish: ListingWish): Promise<Listing> {
  const answer = await invoke('list_tasks', { ...wish }, invocation)
  return v.parse(Listing, answer.kind === 'result' ? answer.result : {})
}
