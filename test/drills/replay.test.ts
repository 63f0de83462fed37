/**
 * The replay drill, as an operator would live it: a scanner breaks for good, its
 * scans die into the dead letters, the scanner is mended, and one command brings
 * all of them back.
 *
 *   DRILL_SCANS=500 npx vitest run test/drills/replay.test.ts     the full drill
 */
import { test } from 'vitest'
import { slotHolders, withRedis } from '../chaos/redis-eye.ts'
import { ended, resultOf, submit } from '../support/http-tools.ts'
import { entryFor, openTestLab } from '../support/lab.ts'
import { addFault, clearFaults, readCounts } from '../support/simulator-judge.ts'
import { inBatches } from './in-batches.ts'

const SCANS = Number(process.env['DRILL_SCANS'] ?? 25)
const REFUSED_LAUNCHES = Math.floor(SCANS / 2)
const RATE = 100

test(
  `${SCANS} scans die with their scanner; one replay brings each back once`,
  { timeout: 60_000 + SCANS * 1000 },
  async ({ expect, onTestFinished }) => {
    const lab = openTestLab({ onTestFinished })
    const redis = await lab.redis()
    const simulator = await lab.simulator('simulator', ['--scan-seconds', '0.1'])
    await lab.scanners({ nessus: [entryFor(simulator, 'one', 20)] })
    const env = { REDIS_URL: redis.url, POLL_INTERVAL_SECONDS: '0.1' }
    const { url } = await lab.gateway('gateway', env)
    await lab.worker('worker', env)
    const operate = async (...args: string[]) => {
      const command = lab.run(`dead ${args[0]}`, ['dead', ...args, '--json'], { env })
      const { code } = await command.exited
      return { code, said: command.output }
    }

    // Some scans are never launched, the rest run and cannot be exported.
    await addFault(simulator.url, {
      match: { method: 'POST', path: '^/scans/\\d+/launch$' },
      times: REFUSED_LAUNCHES,
      action: 'status',
      status: 400,
    })
    await addFault(simulator.url, {
      match: { method: 'POST', path: '^/scans/\\d+/export$' },
      action: 'status',
      status: 400,
    })
    const startMs = performance.now()
    const taskIds = await inBatches(
      Array.from({ length: SCANS }, (_, n) => n),
      (n) => submit(url, { targets: `192.0.2.${n % 250}`, name: `drill ${n}` }),
    )
    const died = await inBatches(taskIds, (taskId) => ended(url, taskId))
    const diedMs = performance.now() - startMs
    expect(died.filter(({ status }) => status !== 'failed')).toEqual([])
    const letters = JSON.parse((await operate('stats')).said) as { function: string; letters: number }[]
    const lettersOf = (name: string) =>
      letters.filter((row) => row.function === name).reduce((sum, row) => sum + row.letters, 0)
    expect({ launch: lettersOf('launch'), export: lettersOf('export') }).toEqual({
      launch: REFUSED_LAUNCHES,
      export: SCANS - REFUSED_LAUNCHES,
    })

    await clearFaults(simulator.url)
    const mendedMs = performance.now()
    const replay = await operate('replay', '--all', '--rate', String(RATE))
    expect(replay.code).toBe(0)
    expect((JSON.parse(replay.said) as { done: boolean }[]).filter(({ done }) => done)).toHaveLength(SCANS)
    const back = await inBatches(taskIds, (taskId) => ended(url, taskId))
    console.log(
      `replay drill: ${SCANS} scans, all dead after ${Math.round(diedMs)} ms, all completed ${Math.round(performance.now() - mendedMs)} ms after the replay began (${RATE} a second)`,
    )

    expect(back.filter(({ status }) => status !== 'completed')).toEqual([])
    const { scans } = await readCounts(simulator.url)
    expect(scans).toHaveLength(SCANS)
    expect(scans.filter(({ creates, launches }) => creates !== 1 || launches !== 1)).toEqual([])
    expect(JSON.parse((await operate('list')).said)).toEqual([])
    expect(await withRedis(redis.socket, slotHolders)).toEqual([])
    const pool = await resultOf(url, 'get_pool_status', {})
    expect(JSON.stringify(pool)).toContain('"dead_letters":0')
    // Nobody replays what has been replayed.
    expect((await operate('replay', '--all')).code).toBe(5)
    expect((await readCounts(simulator.url)).totals['launches']).toBe(SCANS)
  },
)
