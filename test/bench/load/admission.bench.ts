/**
 * How many waiting scans one worker gives to the scanners of a pool in a second,
 * by the size of the pool. Nothing runs but admission; ratios between rows are
 * what to look at.
 *
 *   npx vitest run --config vitest.bench.config.ts test/bench/load/admission
 *   SCANNERS=100 SCANS=1000 npx vitest run --config vitest.bench.config.ts test/bench/load/admission
 */
import { expect, test } from 'vitest'
import { RedisBus } from '../../../lib/bus/redis/redis-bus.ts'
import { runDelivery } from '../../../lib/runtime/run-delivery.ts'
import { compileChange, restore } from '../../../lib/scans/change.ts'
import { scanKeys } from '../../../lib/scans/scan-keys.ts'
import { makeScans } from '../../../lib/scans/scans.ts'
import { makeFakeRegistry, scannerEntry } from '../../support/fake-registry.ts'
import { startRedis } from '../../support/redis.ts'
import { queuedScan } from '../../support/scan-record.ts'
import { envelope, makeWorld, START_MS } from '../../support/world.ts'
import { usageOf } from './process-eye.ts'

const SIZES = (process.env['SCANNERS'] ?? '1,10,100').split(',').map(Number)
const SCANS = Number(process.env['SCANS'] ?? 500)
const ROUNDS = Number(process.env['ROUNDS'] ?? 3)

test(`${SCANS} scans wait for a pool of ${SIZES.join(', ')} scanners`, async () => {
  const rows: object[] = []
  for (const size of SIZES) {
    const rounds = []
    for (let round = 0; round < ROUNDS; round++) rounds.push(await admitAll(size))
    rounds.sort((a, b) => a.seconds - b.seconds)
    const { seconds, redisMs, commands } = rounds[Math.floor(ROUNDS / 2)]!
    rows.push({
      scanners: size,
      'admitted/s': Math.round(SCANS / seconds),
      'ms of Redis each': Number((redisMs / SCANS).toFixed(2)),
      'commands each': Math.round(commands / SCANS),
    })
  }
  console.table(rows)
  expect(rows).toHaveLength(SIZES.length)
})

/** Lets one worker admit them all, one after another. */
async function admitAll(size: number): Promise<{ seconds: number; redisMs: number; commands: number }> {
  const redis = await startRedis()
  const bus = new RedisBus({ url: redis.url, name: 'admission', consumer: 'bench' })
  const keys = scanKeys(bus.keys.prefix)
  const slots = Math.ceil(SCANS / size)
  const entries = Array.from({ length: size }, (_, n) =>
    scannerEntry({ instanceId: `scanner-${n}`, maxConcurrentScans: slots }),
  )
  const world = makeWorld()
  const services = {
    ...world.services,
    scans: makeScans(bus.keyspace, keys),
    scanners: makeFakeRegistry(entries, { now: Date.now }),
    keyspace: bus.keyspace,
    scanKeys: keys,
    busKeys: bus.keys,
  }
  const runner = world.runner(bus, {
    services,
    keys: { bus: bus.keys, scans: keys, routes: world.runner(bus).keys.routes },
  })
  await bus.host(['admit'])
  for (let n = 0; n < SCANS; n++) {
    const task_id = `ns_one_20260301_080000_${n.toString(16).padStart(8, '0')}`
    const created_at = new Date(START_MS + n).toISOString()
    await bus.publish([], compileChange(restore(queuedScan({ task_id, created_at })), keys, bus.keys))
  }
  const commands = async () =>
    Number(/total_commands_processed:(\d+)/.exec(await bus.connection.call((client) => client.info('stats')))?.[1])
  const [commandsBefore, cpuBefore, startMs] = [await commands(), usageOf(redis.pid).cpuMs, performance.now()]
  const event = envelope({ id: 'go', type: 'slot.freed', data: { pool: 'lab' }, time: new Date().toISOString() })
  await bus.publish([{ to: 'admit', event, delayMs: 0, attempt: 1 }])
  let admitted = 0
  while (admitted < SCANS) {
    for (const delivery of await bus.pull(new Map([['admit', 1]]))) {
      if ((await runDelivery(delivery, runner)) !== 'settled') throw new Error('an admission did not settle')
      admitted += 1
    }
  }
  const seconds = (performance.now() - startMs) / 1000
  const result = {
    seconds,
    redisMs: usageOf(redis.pid).cpuMs - cpuBefore,
    commands: (await commands()) - commandsBefore,
  }
  expect(await services.scans.queueDepth('lab', [])).toBe(0)
  await bus.close()
  await redis.stop()
  return result
}
