/** What the scanner says of itself and its licence (`/server/properties`). */
import * as v from 'valibot'
import type { Calls } from './call.ts'
import { maybe } from './lenient.ts'

const count = v.union([v.number(), v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number))])

export const ServerProperties = v.object({
  nessus_type: maybe(v.string()),
  server_version: maybe(v.string()),
  server_uuid: maybe(v.string()),
  used_ip_count: maybe(count),
  /** Our own simulator says so of itself; no Nessus does. */
  nessus_mcp_simulator: maybe(v.boolean()),
  license: maybe(
    v.object({
      ips: maybe(count),
      features: maybe(v.object({ scan_api: maybe(v.boolean()) })),
    }),
  ),
})

export interface Licence {
  /** Of this installation; undefined when the scanner does not say. */
  readonly serverUuid?: string
  /** It says of itself that it makes everything up. */
  readonly simulated?: true
  readonly product?: string
  readonly version?: string
  /** Undefined when the scanner does not say. */
  readonly scanApi?: boolean
  readonly licensedHosts?: number
  /** Of them, those that scans have used up. */
  readonly usedHosts?: number
}

/** Takes out of the properties what we act on. */
export function licenceOf(properties: v.InferOutput<typeof ServerProperties>): Licence {
  const { nessus_type: product, server_version: version, server_uuid: serverUuid, license } = properties
  const simulated = properties.nessus_mcp_simulator === true
  const scanApi = license?.features?.scan_api
  const ips = license?.ips
  const used = properties.used_ip_count
  return {
    ...(product && { product }),
    ...(version && { version }),
    ...(serverUuid && { serverUuid }),
    ...(simulated && { simulated }),
    ...(typeof scanApi === 'boolean' && { scanApi }),
    // 0 and below mean that there is no limit.
    ...(typeof ips === 'number' && ips > 0 && { licensedHosts: ips }),
    ...(typeof used === 'number' && used >= 0 && { usedHosts: used }),
  }
}

export async function readLicence(calls: Pick<Calls, 'read'>): Promise<Licence> {
  const call = {
    method: 'GET',
    path: '/server/properties',
    route: '/server/properties',
    asked: 'list',
    what: 'read its properties',
  } as const
  return licenceOf(await calls.read(ServerProperties, call))
}
