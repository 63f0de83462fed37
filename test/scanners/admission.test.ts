/** Goal: admission places the scan that stands first among those that can go anywhere, however it reads the queues. Method: beside a naive reading of them all. */
import { describe, expect, test } from 'vitest'
import { findPlace } from '../../lib/scanners/admission.ts'
import { healthWrite } from '../../lib/scanners/health.ts'
import type { Scan } from '../../lib/scans/record.ts'
import { waitingScore } from '../../lib/scans/scan-keys.ts'
import { scannerEntry } from '../support/fake-registry.ts'
import { queuedScan, runningScan } from '../support/scan-record.ts'
import { seededRandom, type SeededRandom } from '../support/seeded-random.ts'
import { makeWorld, START_MS, type World } from '../support/world.ts'

const ROUNDS = 150
const idOf = (n: number) => `ns_one_20260301_080000_${String(n).padStart(8, '0')}`
const place = ({ services, bus }: World) => findPlace('lab', { ...services, now: bus.now() })

/** A pool in some state: scanners full, disabled or away, scans pinned, urgent, or put back behind their caller's others. */
async function somePool(random: SeededRandom) {
  const names = Array.from({ length: random.between(1, 6) }, (_, n) => `scanner-${n}`)
  const entries = names.map((instanceId) => {
    return scannerEntry({ instanceId, enabled: random.chance(0.8), maxConcurrentScans: random.between(1, 3) })
  })
  const world = makeWorld({ entries })
  const { scanKeys } = world.services
  const scans: Scan[] = []
  let ids = 0
  for (const { instanceId, key, maxConcurrentScans } of entries) {
    for (let used = random.between(0, maxConcurrentScans); used > 0; used--) {
      await world.put(runningScan({ task_id: idOf((ids += 1)), scanner_instance: instanceId }))
    }
    world.server.keyspace.apply(['ZADD', scanKeys.lastUsed, String(random.between(0, 999)), key])
    if (random.chance(0.8)) continue
    const checked_at = world.bus.now().toISOString()
    world.server.keyspace.apply(healthWrite(scanKeys, key, { ready: false, launch: 'unknown', checked_at }))
  }
  for (let left = random.between(0, 11); left > 0; left--) {
    const scan = queuedScan({
      task_id: idOf((ids += 1)),
      created_at: new Date(START_MS + ids).toISOString(),
      priority: random.between(0, 1),
      behind_own: random.between(0, 2),
      ...(random.chance(0.4) && { pinned_instance: random.pick(names) }),
    })
    scans.push(await world.put(scan))
  }
  return { world, scans, able: entries.filter(({ enabled }) => enabled) }
}

/** The same answer, by looking at every scan and every scanner. */
async function naively({ world, scans, able }: Awaited<ReturnType<typeof somePool>>) {
  const { services } = world
  const health = await services.keyspace.hash(services.scanKeys.health)
  const lastUsed = await services.scans.lastUsed(able.map(({ key }) => key))
  const open = []
  for (const [n, entry] of able.entries()) {
    const share = (await services.scans.used(entry.key)) / entry.maxConcurrentScans
    if (share < 1 && health[entry.key] === undefined) open.push({ entry, share, last: lastUsed[n]! })
  }
  open.sort((a, b) => a.share - b.share || a.last - b.last)
  for (const scan of scans.toSorted((a, b) => waitingScore(a) - waitingScore(b))) {
    const fits = open.find(({ entry }) => (scan.pinned_instance ?? entry.instanceId) === entry.instanceId)
    if (fits) return { taskId: scan.task_id, scanner: fits.entry.key }
  }
  return undefined
}

describe('the next place in a pool', () => {
  test('is the one that a naive reading of all queues finds', async () => {
    let placed = 0
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const pool = await somePool(seededRandom(seed))
      const found = await place(pool.world)
      placed += found ? 1 : 0
      const answer = found && { taskId: found.scan.task_id, scanner: found.entry.key }
      expect(answer, `seed ${seed}`).toEqual(await naively(pool))
    }
    // The pools are neither all full nor all empty.
    expect(placed).toBeGreaterThan(ROUNDS / 4)
    expect(placed).toBeLessThan(ROUNDS)
  })

  test('is found past heads that somebody else has just admitted or stopped', async () => {
    const world = makeWorld({ entries: [scannerEntry(), scannerEntry({ instanceId: 'two' })] })
    const { scanKeys } = world.services
    for (let n = 1; n <= 4; n++) {
      // In its queue still for who read it a moment ago.
      world.server.keyspace.apply(['ZADD', scanKeys.waiting('lab'), String(n), idOf(n)])
    }
    await world.put(runningScan({ task_id: idOf(1) }))
    await world.put(queuedScan({ task_id: idOf(9), pinned_instance: 'two' }))
    expect(await place(world)).toMatchObject({ scan: { task_id: idOf(9) }, entry: { instanceId: 'two' } })
  })

  test('costs one reading of the queue that all scanners share, however many they are, and none when all are full', async () => {
    const readings = async (size: number, slots: number) => {
      const entries = Array.from({ length: size }, (_, n) =>
        scannerEntry({ instanceId: `scanner-${n}`, maxConcurrentScans: slots }),
      )
      const world = makeWorld({ entries })
      for (const [n, { instanceId }] of entries.entries()) {
        await world.put(runningScan({ task_id: idOf(n + 1), scanner_instance: instanceId }))
      }
      await world.put(queuedScan({ task_id: idOf(size + 1) }))
      const read: string[] = []
      const { services } = world
      const scans: typeof services.scans = {
        ...services.scans,
        waiting: (pool, instance, limit) => {
          read.push(instance ?? 'shared')
          return services.scans.waiting(pool, instance, limit)
        },
      }
      await findPlace('lab', { ...services, scans, now: world.bus.now() })
      return { shared: read.filter((queue) => queue === 'shared').length, all: read.length }
    }
    expect(await readings(20, 2)).toEqual({ shared: 1, all: 21 })
    expect(await readings(20, 1)).toEqual({ shared: 0, all: 0 })
  })
})
