/**
 * The rolling restart: every gateway and every worker is told to end and started
 * anew, one after another, while clients go on submitting scans and asking how
 * they are. A client's own retries may notice; its caller may not.
 *
 *   DRILL_ROUNDS=5 npx vitest run test/drills/rolling-restart.test.ts     five rounds over all processes
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'
import { judge } from '../chaos/judge.ts'
import { logEntries, slotHolders, withRedis } from '../chaos/redis-eye.ts'
import { entryFor, openTestLab, type Lab } from '../support/lab.ts'
import type { Program } from '../support/processes.ts'
import { readCounts } from '../support/simulator-judge.ts'
import { atRest } from './at-rest.ts'
import { makeBalancer } from './balancer.ts'
import { startLoad } from './load.ts'

const ROUNDS = Number(process.env['DRILL_ROUNDS'] ?? 1)
const CLIENTS = 4
/** Between two restarts, so that the load goes on with everything there. */
const REST_MS = 500

test(
  'all gateways and workers are restarted in turn under load, and no caller notices',
  { timeout: 90_000 + ROUNDS * 60_000 },
  async ({ expect, onTestFinished }) => {
    const lab = openTestLab({ onTestFinished })
    const redis = await lab.redis()
    const simulator = await lab.simulator('simulator', ['--scan-seconds', '0.5'])
    await lab.scanners({ nessus: [entryFor(simulator, 'one', 50)] })
    const env = { REDIS_URL: redis.url, LEASE_SECONDS: '5', POLL_INTERVAL_SECONDS: '0.2', SHUTDOWN_GRACE_SECONDS: '5' }
    const gateways = await Promise.all(['gateway-1', 'gateway-2'].map((name) => lab.gateway(name, env)))
    const workers = await Promise.all(['worker-1', 'worker-2'].map((name) => lab.worker(name, env)))
    const balancer = makeBalancer(gateways.map(({ url }) => url))
    const load = startLoad({ clients: CLIENTS, balancer })

    const restarts = [
      ...gateways.map(({ url, program }) => again(program, () => sameDoor(lab, program.name, url, env))),
      ...workers.map((program) => again(program, () => lab.worker(program.name, env))),
    ]
    for (let round = 0; round < ROUNDS; round++) {
      for (const restart of restarts) {
        await sleep(REST_MS)
        expect(await restart()).toEqual({ code: 0, signal: null })
      }
    }
    const { taskIds, calls, failures } = await load.end()
    console.log(
      `rolling restart: ${ROUNDS * restarts.length} restarts, ${calls} calls (${balancer.failures} failed below the client's retries), ${taskIds.length} scans`,
    )
    expect(failures).toEqual([])

    const counts = await readCounts(simulator.url)
    const violations = await withRedis(redis.socket, async (client) => {
      await atRest(client)
      return judge({
        client,
        counts: [counts],
        dataDir: join(lab.folder, 'data'),
        accepted: taskIds.map((taskId) => ({ taskId })),
        log: await logEntries(client),
        failuresAllowed: false,
      })
    })
    expect(violations).toEqual([])
    expect(new Set(taskIds).size).toBe(taskIds.length)
    expect(counts.scans).toHaveLength(taskIds.length)
    expect(counts.scans.filter(({ creates, launches }) => creates !== 1 || launches !== 1)).toEqual([])
    expect(await withRedis(redis.socket, slotHolders)).toEqual([])
  },
)

/** Ends the process that runs now, and starts the next; how the former ended. */
function again(first: Program, start: () => Promise<Program>) {
  let current = first
  return async () => {
    const exit = await current.stop()
    current = await start()
    return exit
  }
}

/** A gateway where the former one was: its clients know that address. */
async function sameDoor(lab: Lab, name: string, url: string, env: Record<string, string>): Promise<Program> {
  return (await lab.gateway(name, { ...env, PORT: new URL(url).port })).program
}
