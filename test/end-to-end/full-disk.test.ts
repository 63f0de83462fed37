/** A disk that is full when the report comes: the scan waits with the cause, and completes once there is room. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../bus/bus-events.ts'
import { ended, resultOf, submit } from '../support/http-tools.ts'
import { entryFor, openTestLab } from '../support/lab.ts'
import { readCounts } from '../support/simulator-judge.ts'
import { DISK_BYTES, mountSmallDisk } from '../support/small-disk.ts'

/** Room for keys and snapshots, not for a report of many hosts. */
const LEFT_BYTES = 100_000
const MANY_HOSTS = '192.0.2.0/24'

test('a report that finds no room waits, says why, and is fetched once there is room', async ({ skip }) => {
  const disk = mountSmallDisk()
  if (disk === undefined) return skip('mounting a small disk needs root')
  const lab = openTestLab({ onTestFinished })
  const redis = await lab.redis()
  const simulator = await lab.simulator('simulator', ['--scan-seconds', '1'])
  await lab.scanners({ nessus: [entryFor(simulator, 'one')] })
  const env = { REDIS_URL: redis.url, DATA_DIR: disk.folder }
  const [{ url }, worker] = await Promise.all([lab.gateway('gateway', env), lab.worker('worker', env)])
  const filler = join(disk.folder, 'filler')
  await writeFile(filler, Buffer.alloc(DISK_BYTES - LEFT_BYTES))

  const taskId = await submit(url, { targets: MANY_HOSTS, name: 'large' })
  await worker.said(/no space|full|ENOSPC/i)
  expect(worker.output).toMatch(/free (some )?space|free space|make room/i)
  const status = () => resultOf(url, 'get_scan_status', { task_id: taskId })
  await until(async () => (await status())['trouble'] !== null, 'the scan says that it waits')
  expect(await status()).toMatchObject({ status: 'running', trouble: { message: expect.stringMatching(/disk|full/) } })
  // A scan is still taken, and says where it stands.
  const another = await submit(url, { targets: '192.0.2.1', name: 'small' })

  await rm(filler)
  expect(await ended(url, taskId)).toMatchObject({ status: 'completed', results_available: true })
  expect(await ended(url, another)).toMatchObject({ status: 'completed' })
  expect((await readCounts(simulator.url)).totals).toMatchObject({ creates: 2, launches: 2 })
})
