/** A scan that waits for a step which no worker serves: nothing goes wrong, and nothing happens either. */
import { HOST_GONE_MS } from '../../bus/hosting.ts'
import type { Services } from '../../runtime/services.ts'
import type { Scan } from '../../scans/record.ts'
import { isFinal } from '../../scans/states.ts'
import { functionAt } from '../../scans/course.ts'

/** The trouble of such a scan; `undefined` when a worker has lately said that it serves the step. */
export async function unhostedStep(
  scan: Scan,
  { keyspace, busKeys, now }: Pick<Services, 'keyspace' | 'busKeys'> & { readonly now: Date },
): Promise<{ since: string; message: string } | undefined> {
  if (isFinal(scan.status)) return undefined
  const name = functionAt(scan.step)
  const [latest] = await keyspace.ranked(busKeys.hosting(name), -1, -1)
  if (latest !== undefined && latest.score >= now.getTime() - HOST_GONE_MS) return undefined
  const begun = Date.parse(scan.started_at ?? scan.queued_at ?? scan.created_at)
  return {
    since: new Date(Math.max(begun, latest?.score ?? 0)).toISOString(),
    message: `no worker serves the step ${name}; start one with nessus-mcp worker (FUNCTIONS empty, or with ${name} in it)`,
  }
}
