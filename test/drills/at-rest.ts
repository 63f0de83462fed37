/** Waits until every event that can run has run: what is due later stays. */
import { setTimeout as sleep } from 'node:timers/promises'
import { inboxDepths, type EyeClient } from '../chaos/redis-eye.ts'

const LOOK_EVERY_MS = 100
const REST_MAX_MS = 30_000

/** Throws with what is left when it does not come to rest. */
export async function atRest(client: EyeClient): Promise<void> {
  const endMs = performance.now() + REST_MAX_MS
  for (;;) {
    const depths = await inboxDepths(client)
    if (Object.keys(depths).length === 0) return
    if (performance.now() > endMs) throw new Error(`expected empty inboxes, got ${JSON.stringify(depths)}`)
    await sleep(LOOK_EVERY_MS)
  }
}
