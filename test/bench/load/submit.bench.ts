/**
 * Scans submitted per second on one gateway and one worker, and whether their
 * memory stays flat: once with every slot taken, so that each scan stays in the
 * queue, and once with a scanner that takes all at once and ends them in no time.
 *
 *   npm run build && npx vitest run --config vitest.bench.config.ts test/bench/load/submit
 *   SECONDS=60 CALLERS=16 npx vitest run --config vitest.bench.config.ts test/bench/load/submit
 *
 * Callers, gateway, worker, Redis and scanner share the machine's processors.
 */
import { expect, test } from 'vitest'
import { submit } from '../../support/http-tools.ts'
import { entryFor, openTestLab } from '../../support/lab.ts'
import type { Program } from '../../support/processes.ts'
import { readCounts } from '../../support/simulator-judge.ts'
import { quantile, usageOf, watchCpu } from './process-eye.ts'

const SECONDS = Number(process.env['SECONDS'] ?? 60)
const CALLERS = Number(process.env['CALLERS'] ?? 16)
const PARTS = 6

const LAYOUTS = [
  { title: 'all slots taken: every scan waits', slots: 1, scanSeconds: 36_000 },
  { title: 'every scan is carried through meanwhile', slots: 100, scanSeconds: 0.1 },
]

test.for(LAYOUTS)(
  'submissions for a while; $title',
  { timeout: SECONDS * 1000 + 120_000 },
  async (layout, { onTestFinished }) => {
    const lab = openTestLab({ onTestFinished })
    const redis = await lab.redis()
    const simulator = await lab.simulator('simulator', ['--scan-seconds', String(layout.scanSeconds)])
    await lab.scanners({ nessus: [entryFor(simulator, 'one', layout.slots)] })
    const env = { REDIS_URL: redis.url, QUEUE_MAX: '1000000' }
    const { url, program: gateway } = await lab.gateway('gateway', env)
    const worker = await lab.worker('worker', env)

    const rows: object[] = []
    for (let part = 1; part <= PARTS; part++) {
      const cpu = [gateway, worker].map(({ name, pid }) => [`${name} CPU %`, watchCpu(pid)] as const)
      const { times, seconds } = await submitFor((SECONDS / PARTS) * 1000, url, part)
      const { totals } = await readCounts(simulator.url)
      rows.push({
        part,
        'submitted/s': Math.round(times.length / seconds),
        'p50 ms': Number(quantile(times, 0.5).toFixed(1)),
        'p99 ms': Number(quantile(times, 0.99).toFixed(1)),
        'exported so far': totals['exports'],
        ...Object.fromEntries(cpu.map(([name, used]) => [name, Math.round(used())])),
        ...memory({ gateway, worker }),
        'redis MB': usageOf(redis.pid).residentMb,
      })
    }
    console.log(layout.title)
    console.table(rows)
    expect(rows).toHaveLength(PARTS)
  },
)

async function submitFor(periodMs: number, url: string, part: number): Promise<{ times: number[]; seconds: number }> {
  const times: number[] = []
  const startMs = performance.now()
  const caller = async (n: number) => {
    while (performance.now() - startMs < periodMs) {
      const sentMs = performance.now()
      await submit(url, { targets: `192.0.2.${n}`, name: `load ${part} ${n} ${times.length}` })
      times.push(performance.now() - sentMs)
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, (_, n) => caller(n)))
  return { times, seconds: (performance.now() - startMs) / 1000 }
}

function memory(programs: Readonly<Record<string, Program>>): Record<string, number> {
  return Object.fromEntries(Object.entries(programs).map(([name, { pid }]) => [`${name} MB`, usageOf(pid).residentMb]))
}
