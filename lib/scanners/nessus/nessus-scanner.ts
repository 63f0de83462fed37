/**
 * A {@link Scanner} that speaks to Nessus 6 to 10 through its REST API.
 *
 * From the bottom up: scanner-agent (verified connections), transport (requests
 * with limits), access (keys or session), calls (who we are, what 412 means), and
 * on these templates, scans, lifecycle, exports and probe.
 */
import type { ScannerEntry } from '../entry.ts'
import { ownLoginMemory, type LoginMemory } from '../login-memory.ts'
import type { Scanner } from '../scanner.ts'
import { makeAccess } from './access.ts'
import { makeCalls } from './calls.ts'
import type { RequestSeen } from './exchange.ts'
import { makeExports } from './exports.ts'
import { makeLifecycle } from './lifecycle.ts'
import { CLIENT_LIMITS, type ClientLimits } from './limits.ts'
import { makeFindLinked } from './linked-scanner.ts'
import { makePolicies } from './policies.ts'
import { probe } from './probe.ts'
import { readLicence } from './properties.ts'
import { makeScanList } from './scan-list.ts'
import { makeScanCalls } from './scans.ts'
import { makeTemplates } from './templates.ts'
import { makeTransport } from './transport.ts'
import { makeWebToken } from './web-token.ts'

export interface NessusScannerOptions {
  readonly entry: ScannerEntry
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly limits?: Partial<ClientLimits>
  /** What all processes know of its login; without it, this client's own. */
  readonly logins?: LoginMemory
  /** Called after each request, for metrics. */
  readonly onRequest?: (seen: RequestSeen) => void
}

/** Makes the client of one scanner; it connects and logs in when first used. */
export function makeNessusScanner(options: NessusScannerOptions): Scanner {
  const { entry, now, limits: some, onRequest, logins = ownLoginMemory(now) } = options
  const limits = { ...CLIENT_LIMITS, ...some }
  const scanner = entry.key
  const transport = makeTransport({ entry, limits, now, ...(onRequest && { onRequest }) })
  const access = makeAccess({ entry, transport, limits, now, logins })
  const webToken = makeWebToken({ transport, scanner })
  const calls = makeCalls({ entry, transport, access, webToken })
  const list = makeScanList(calls)
  const findLinked = makeFindLinked({ calls, entry })
  const keeping = { now, keptMs: limits.templatesKeptMs }
  const templates = makeTemplates({ calls, ...keeping })
  const policies = makePolicies({ calls, templates, allowed: entry.allowedPolicies, ...keeping })
  return {
    probe: () => probe({ entry, transport, calls, findLinked }),
    serverFacts: () => readLicence(calls),
    serverUuid: async () => (await readLicence(calls)).serverUuid,
    templates: (options) => templates.list(options),
    policies: (options) => policies.list(options),
    ...makeScanCalls({ calls, scanner, auditFiles: entry.auditFiles ?? [], templates, policies, list, findLinked }),
    ...makeLifecycle({ calls, list, entry, findLinked }),
    ...makeExports({ calls, entry }),
    async close() {
      await access.end()
      await transport.close()
    },
  }
}
