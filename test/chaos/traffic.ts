/**
 * Clients of a system in trouble: they submit with an idempotency key, ask any
 * gateway again until they are answered, and now and then stop or delete a scan.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { callTool, errorOf, type ToolAnswer } from '../support/http-tools.ts'
import type { Fleet } from './fleet.ts'
import type { Accepted } from './judge.ts'
import type { Seeded } from './seeded.ts'

const CALL_MAX_MS = 12_000
const AGAIN_MS = 250
/** A client that is not answered for so long gives up, which is a finding. */
const PATIENCE_MS = 120_000
const STOP_SHARE = 0.1
const DELETE_SHARE = 0.08
const CHANGE_OF_MIND_MS = 3000

export interface Traffic {
  readonly accepted: Accepted[]
  /** Calls that had to be sent again. */
  readonly repeated: number
  /** Answers that no client should get. */
  readonly complaints: string[]
}

/** Submits `perSecond` scans a second until `endMs` (of performance.now()), and resolves when every client has its answer. */
export async function makeTraffic(
  fleet: Fleet,
  seeded: Seeded,
  { perSecond, endMs }: { perSecond: number; endMs: number },
): Promise<Traffic> {
  const accepted: Accepted[] = []
  const complaints: string[] = []
  let repeated = 0

  const ask = async (tool: string, args: object): Promise<ToolAnswer | undefined> => {
    const givenUpMs = performance.now() + PATIENCE_MS
    for (;;) {
      const { url } = fleet.gateways[Math.random() < 0.5 ? 0 : 1]!
      const answer = await callTool(url, tool, args, { timeoutMs: CALL_MAX_MS }).catch(() => undefined)
      if (answer && answer.status !== 503 && answer.status !== 429) return answer
      if (performance.now() > givenUpMs) {
        complaints.push(
          `${tool} was not answered in ${PATIENCE_MS / 1000} s: ${answer ? errorOf(answer).message : 'no connection'}`,
        )
        return undefined
      }
      repeated += 1
      await sleep(AGAIN_MS)
    }
  }
  const expectStatus = (tool: string, answer: ToolAnswer | undefined, statuses: readonly number[]) => {
    if (answer && !statuses.includes(answer.status))
      complaints.push(`${tool}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`)
  }
  const client = async (n: number, mind: { share: number; afterMs: number; pool: string }) => {
    const args = {
      targets: `192.0.2.${n % 250}`,
      name: `chaos ${n}`,
      scanner_pool: mind.pool,
      idempotency_key: `chaos-${n}`,
    }
    const answer = await ask('run_untrusted_scan', args)
    expectStatus('run_untrusted_scan', answer, [200])
    if (answer?.status !== 200) return
    const scan: Accepted = { taskId: String(answer.body['task_id']) }
    accepted.push(scan)
    if (mind.share > STOP_SHARE + DELETE_SHARE) return
    await sleep(mind.afterMs)
    if (mind.share < STOP_SHARE) {
      scan.stopped = true
      expectStatus('stop_scan', await ask('stop_scan', { task_id: scan.taskId }), [200])
    } else {
      scan.deleted = true
      // Gone already: the answer to the first of several tries was lost.
      expectStatus('delete_scan', await ask('delete_scan', { task_id: scan.taskId, force: true }), [200, 404])
    }
  }

  const clients: Promise<void>[] = []
  while (performance.now() < endMs) {
    const mind = { share: seeded.next(), afterMs: seeded.between(0, CHANGE_OF_MIND_MS), pool: seeded.pick(fleet.pools) }
    clients.push(client(clients.length, mind))
    await sleep(seeded.between(0, 2000 / perSecond))
  }
  await Promise.all(clients)
  return { accepted, repeated, complaints }
}
