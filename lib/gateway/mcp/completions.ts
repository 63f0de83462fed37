/** Completion of what a person types into an argument of a prompt or into the address of a resource. */
import { type McpServer, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import { PROFILE_NAMES } from '../../facts/profiles.ts'
import type { Invocation, Invoke } from '../invoke.ts'
import { asProtocol } from './as-protocol.ts'
import { invocationOf, type Visit } from './call-context.ts'
import { promptArguments } from './prompts.ts'
import { askScanListing } from './scan-listing.ts'
import { FILTERS_URI, NATIVE_TEMPLATE, RESULTS_TEMPLATE, SCAN_TEMPLATE, SCANS_URI } from './uris.ts'

/** The protocol allows no more values. */
const VALUES_MAX = 100
const ADDRESSES = [SCANS_URI, FILTERS_URI, SCAN_TEMPLATE, RESULTS_TEMPLATE, NATIVE_TEMPLATE]

/** Among the newest scans only: whoever means an older one finds it with list_tasks. */
export function registerCompletions(server: McpServer, visit: Visit, invoke: Invoke): void {
  const taskIds = async (invocation: Invocation, status?: 'completed') => {
    const { tasks } = await asProtocol('', () => askScanListing(invoke, invocation, { limit: VALUES_MAX, status }))
    return tasks.map(({ task_id }) => task_id)
  }
  server.server.registerCapabilities({ completions: {} })
  server.server.setRequestHandler('completion/complete', async ({ params: { ref, argument } }, ctx) => {
    const prompt = ref.type === 'ref/prompt'
    const known = prompt ? promptArguments(ref.name) : argumentsOf(ref.uri)
    if (!known) {
      const shown = JSON.stringify((prompt ? ref.name : ref.uri).slice(0, VALUES_MAX))
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `ref: there is no ${prompt ? 'prompt' : 'template'} ${shown}`,
      )
    }
    const name = known.includes(argument.name) ? argument.name : ''
    let all: readonly string[] = name === 'profile' ? PROFILE_NAMES : []
    // The prompts are about what was found, so they want scans that have completed.
    if (name.endsWith('task_id')) all = await taskIds(invocationOf(ctx, visit), prompt ? 'completed' : undefined)
    const values = all.filter((value) => value.startsWith(argument.value))
    return { completion: { values, total: values.length, hasMore: false } }
  })
}

/** The names within braces of one of our addresses. */
function argumentsOf(template: string): readonly string[] | undefined {
  if (!ADDRESSES.includes(template)) return undefined
  return [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
}
