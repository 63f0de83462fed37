/**
 * Taking in everything from a scanner, by schedule, by calls and by hand at once, with two workers that are killed at
 * random all the while: each run is taken in once, none twice, and nothing is changed at the scanner.
 *
 *   DRILL_RUNS=2000 npx vitest run --config test/drills/vitest.config.ts take-in     two thousand runs of three hundred scans
 *   SEED=7                                                                          other kills
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'
import { makeSeeded } from '../chaos/seeded.ts'
import { storedScans, withRedis } from '../chaos/redis-eye.ts'
import { callTool } from '../support/http-tools.ts'
import { entryFor, openTestLab, type Lab } from '../support/lab.ts'
import type { Program } from '../support/processes.ts'
import { readCounts, type Counts } from '../support/simulator-judge.ts'
import { atRest } from './at-rest.ts'
import { inBatches } from './in-batches.ts'

const RUNS = Number(process.env['DRILL_RUNS'] ?? 200)
const SCANS = Math.ceil(RUNS * 0.15)
const SEED = Number(process.env['SEED'] ?? 2026)
const BY_HAND = 20
const LIVES_MS = { low: 1000, high: 6000 }

interface Adoption {
  readonly state: string
  readonly began_by: string
  readonly runs_taken: number
  readonly scans_unchanged: number
  readonly ended_early: string | null
}

test(
  `${RUNS} runs of ${SCANS} scans are taken in once each while workers die`,
  { timeout: 120_000 + RUNS * 400 },
  async ({ expect, onTestFinished }) => {
    const lab = openTestLab({ onTestFinished })
    const redis = await lab.redis()
    const simulator = await lab.simulator('simulator')
    const expected = await fillScanner(simulator.url)
    const before = await readCounts(simulator.url)
    const adopt = { every: '5m', all: true, limit: Math.ceil(RUNS / 3) }
    await lab.scanners({ nessus: [{ ...entryFor(simulator, 'one'), adopt }] })
    const env = { REDIS_URL: redis.url, LEASE_SECONDS: '2' }
    const { url } = await lab.gateway('gateway', env)
    const startMs = performance.now()
    const killing = killAtRandom(lab, env)
    const byHand = inBatches(
      expected.filter((_, n) => n % Math.ceil(RUNS / BY_HAND) === 0),
      ({ scan, run }) => calledUntilAnswered(url, 'adopt_scan', { scanner_scan_id: scan, history_id: run }),
    )
    const began = await takeAll(url)
    await byHand
    const kills = await killing.end()
    const last = await ended(url)
    const tookMs = performance.now() - startMs
    // An event in whose run four workers died is taken for what killed them, and waits for an operator.
    const replay = lab.run('replay', ['dead', 'replay', '--all', '--json'], { env })
    const replayed = (await replay.exited).code === 0 ? (JSON.parse(replay.output) as unknown[]).length : 0

    const { scans, bytes, taking } = await withRedis(redis.socket, async (client) => {
      await atRest(client)
      const [taken = ''] = (await client.keys('*')).filter((key) => key.includes(':taken:'))
      return {
        scans: await storedScans(client),
        bytes: await client.memoryUsage(taken, { SAMPLES: 0 }),
        taking: (await client.keys('*')).filter((key) => key.includes(':taking-in:')),
      }
    })
    const counts = await readCounts(simulator.url)
    const asked = total(counts) - total(before)
    console.log(
      `take-in drill (SEED=${SEED}): ${RUNS} runs of ${SCANS} scans in ${Math.round(tookMs / 1000)} s, ${kills} workers killed, ${began} adoptions, ${replayed} scans replayed; ` +
        `${asked} requests at the scanner, ${changing(counts).length} of them changing; what is noted of runs takes ${Math.round((bytes ?? 0) / RUNS)} bytes each`,
    )
    expect(changing(counts)).toEqual([])
    expect(scans.filter(({ status }) => status !== 'completed')).toEqual([])
    const taken = scans.map((scan) => `${scan.scanner_scan_id}/${scan.run_history_id}`).toSorted()
    expect(taken).toEqual(expected.map(({ scan, run }) => `${scan}/${run}`).toSorted())
    expect(last).toMatchObject({ runs_taken: 0, scans_unchanged: SCANS, ended_early: null })
    expect(taking).toEqual([])
    expect(kills).toBeGreaterThan(1)
  },
)

/** Scans of people with runs of the past; each run. */
async function fillScanner(url: string): Promise<{ scan: number; run: number }[]> {
  const tell = async <T>(what: string, body: object) => {
    const response = await fetch(`${url}/simulator/${what}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })
    return (await response.json()) as T
  }
  const all: { scan: number; run: number }[] = []
  for (let n = 0; n < SCANS; n++) {
    const { id } = await tell<{ id: number }>('scans', { name: `Past ${n}` })
    const times = Math.floor((RUNS * (n + 1)) / SCANS) - Math.floor((RUNS * n) / SCANS)
    const { history_ids } = await tell<{ history_ids: number[] }>(`scans/${id}/past-runs`, { times })
    all.push(...history_ids.map((run) => ({ scan: id, run })))
  }
  return all
}

/** Two workers, one of which is killed again and again, and replaced. */
function killAtRandom(lab: Lab, env: Readonly<Record<string, string>>) {
  const seeded = makeSeeded(SEED)
  let ending = false
  let kills = 0
  const work = async () => {
    const workers: Program[] = await Promise.all(['worker-1', 'worker-2'].map((name) => lab.worker(name, env)))
    while (!ending) {
      await sleep(seeded.between(LIVES_MS.low, LIVES_MS.high))
      const n = seeded.pick([0, 1])
      await workers[n]!.kill()
      kills++
      workers[n] = await lab.worker(`worker-${n + 1}`, env)
    }
  }
  const working = work()
  return {
    /** Resolves, with how many were killed, when both live. */
    async end() {
      ending = true
      await working
      return kills
    },
  }
}

/** Calls until a pass has found nothing left; how many adoptions it took. */
async function takeAll(url: string): Promise<number> {
  for (let began = 1; ; began++) {
    await calledUntilAnswered(url, 'adopt_scans', { limit: Math.ceil(RUNS / 4) })
    const done = await ended(url)
    if (done.ended_early === null && done.runs_taken === 0) return began
  }
}

async function ended(url: string): Promise<Adoption> {
  for (;;) {
    const { adoptions } = (await calledUntilAnswered(url, 'list_adoptions', {})) as unknown as { adoptions: Adoption[] }
    if (adoptions[0]?.state === 'ended') return adoptions[0]
    await sleep(500)
  }
}

/** A call that a dying worker takes with it is made again; another adoption under way is waited for. */
async function calledUntilAnswered(url: string, tool: string, args: object) {
  for (;;) {
    const { status, body } = await callTool(url, tool, args).catch(() => ({ status: 0, body: {} }))
    if (status === 200) return body
    await sleep(300)
  }
}

/** What may change something at the scanner. To ask for a report changes nothing. */
function changing({ requests, totals }: Counts): string[] {
  const written = Object.keys(requests).filter((route) => !/^GET |^POST \/scans\/:id\/export$/.test(route))
  const done = ['creates', 'launches', 'stops', 'pauses', 'resumes', 'deletes'].filter((what) => totals[what] !== 0)
  return [...written, ...done]
}

function total({ requests }: Counts): number {
  return Object.values(requests).reduce((sum, count) => sum + count, 0)
}
