/**
 * What the programs cost when nobody asks for anything.
 *
 *   npm run build && npx vitest run --config vitest.bench.config.ts test/bench/load/idle
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { entryFor, openTestLab } from '../../support/lab.ts'
import { usageOf, watchCpu } from './process-eye.ts'

const SETTLED_MS = 10_000
const WATCHED_MS = Number(process.env['SECONDS'] ?? 30) * 1000

test('an idle gateway, worker and all-in-one', async ({ onTestFinished }) => {
  const lab = openTestLab({ onTestFinished })
  const redis = await lab.redis()
  const simulator = await lab.simulator('simulator')
  await lab.scanners({ nessus: [entryFor(simulator, 'one')] })
  const env = { REDIS_URL: redis.url, POLL_INTERVAL_SECONDS: '30' }
  const { program: gateway } = await lab.gateway('gateway', env)
  const worker = await lab.worker('worker', env)
  // With a Redis of its own, and a simulated scanner: no scanner is configured for it.
  const up = lab.run('up', ['up'], { env: { DATA_DIR: `${lab.folder}/up`, SCANNER_CONFIG: '' } })
  await up.said(/MCP endpoint/)
  await sleep(SETTLED_MS)

  const watched = [gateway, worker, up].map(({ name, pid }) => ({ name, pid, cpu: watchCpu(pid) }))
  const redisCpu = watchCpu(redis.pid)
  await sleep(WATCHED_MS)
  const rows = watched.map(({ name, pid, cpu }) => row(name, pid, cpu()))
  rows.push(row('Redis of gateway and worker', redis.pid, redisCpu()))
  console.table(rows)
  expect(rows).toHaveLength(4)
})

function row(what: string, pid: number, cpu: number) {
  return { what, 'CPU %': Number(cpu.toFixed(2)), 'resident MB': usageOf(pid).residentMb }
}
