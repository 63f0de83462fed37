/**
 * How long get_scan_status takes, through HTTP, gateway, worker and back, while
 * the same worker reads a report of 205 MB; and how long without that report.
 *
 *   npm run build && npx vitest run --config vitest.bench.config.ts test/bench/status
 *
 * Caller, gateway, worker and Redis share the machine's processors; every one
 * that is busy elsewhere adds to these figures. Calls go one after another, with
 * a pause, as people and agents send them.
 */
import { existsSync } from 'node:fs'
import { copyFile, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ended, resultOf } from '../../support/http-tools.ts'
import { openTestLab } from '../../support/lab.ts'
import { quantile, usageOf } from '../load/process-eye.ts'
import { growReport } from '../reports/grown-report.ts'

const SOURCE = '../shared/data/goad.nessus'
const HOSTS = Number(process.env['HOSTS'] ?? 500)
const ROUNDS = Number(process.env['ROUNDS'] ?? 3)
const PAUSE_MS = 5
const BASELINE_CALLS = 1000

test.skipIf(!existsSync(SOURCE))(
  `get_scan_status while a report of ${HOSTS} hosts is read by the same worker`,
  async ({ onTestFinished }) => {
    const lab = openTestLab({ onTestFinished })
    const imports = join(lab.folder, 'imports')
    await mkdir(imports)
    const small = join(imports, 'small.nessus')
    const large = join(imports, 'large.nessus')
    await copyFile(SOURCE, small)
    await growReport(SOURCE, large, HOSTS)
    const redis = await lab.redis()
    await lab.scanners({ nessus: [] })
    const env = { REDIS_URL: redis.url, IMPORT_DIR: imports }
    const { url, program: gateway } = await lab.gateway('gateway', env)
    const worker = await lab.worker('worker', env)
    const asked = String((await resultOf(url, 'import_scan', { path: 'small.nessus' }))['task_id'])
    await ended(url, asked)
    // Warms up all three programs.
    await timesOf(url, asked, (n) => n < BASELINE_CALLS)

    const rows: object[] = []
    for (let round = 1; round <= ROUNDS; round++) {
      rows.push({ what: `nothing else, round ${round}`, ...row(await timesOf(url, asked, (n) => n < BASELINE_CALLS)) })
      let reading = true
      const startMs = performance.now()
      const imported = resultOf(url, 'import_scan', { path: 'large.nessus' }).then(async ({ task_id }) => {
        await ended(url, String(task_id))
        reading = false
        return resultOf(url, 'get_scan_status', { task_id })
      })
      const times = await timesOf(url, asked, () => reading)
      const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
      const status = await imported
      expect(status['status']).toBe('completed')
      rows.push({ what: `large report, round ${round}`, ...row(times), 'read in s': seconds })
    }
    console.log(`report: ${((await stat(large)).size / 1e6).toFixed(0)} MB`)
    console.table(rows)
    console.log(
      `memory afterwards: worker ${usageOf(worker.pid).residentMb} MB, gateway ${usageOf(gateway.pid).residentMb} MB`,
    )
  },
)

async function timesOf(url: string, taskId: string, goOn: (calls: number) => boolean): Promise<number[]> {
  const times: number[] = []
  while (goOn(times.length)) {
    const startMs = performance.now()
    await resultOf(url, 'get_scan_status', { task_id: taskId })
    times.push(performance.now() - startMs)
    await sleep(PAUSE_MS)
  }
  return times
}

function row(times: readonly number[]) {
  const ms = (q: number) => Number(quantile(times, q).toFixed(1))
  return { calls: times.length, 'p50 ms': ms(0.5), 'p99 ms': ms(0.99), 'max ms': ms(1) }
}
