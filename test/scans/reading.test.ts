/** Reading scans back: lists, pages, and places in the queue. */
import { describe, expect, test } from 'vitest'
import type { Scan } from '../../lib/scans/record.ts'
import { queuedScan, runningScan } from '../support/scan-record.ts'
import { makeWorld, START_MS, type World } from '../support/world.ts'

const idOf = (n: number) => `ns_one_20260301_080000_${String(n).padStart(8, '0')}`

/** `count` scans, a second apart. */
async function withScans(count: number, patch: (n: number) => Partial<Scan> = () => ({})): Promise<World> {
  const world = makeWorld()
  for (let n = 1; n <= count; n++) {
    const created_at = new Date(START_MS + n * 1000).toISOString()
    await world.put(queuedScan({ task_id: idOf(n), created_at, ...patch(n) }))
  }
  return world
}

describe('list', () => {
  test('gives pages, newest first, each scan once', async () => {
    const { services } = await withScans(7)
    const pages: string[][] = []
    let cursor: string | undefined
    do {
      const page = await services.scans.list({ limit: 3, cursor })
      expect(page.total).toBe(7)
      pages.push(page.scans.map(({ task_id }) => task_id))
      cursor = page.nextCursor
    } while (cursor !== undefined)
    expect(pages).toEqual([[7, 6, 5].map(idOf), [4, 3, 2].map(idOf), [idOf(1)]])
  })

  test('a scan that comes between two pages shifts nothing', async () => {
    const world = await withScans(4)
    const first = await world.services.scans.list({ limit: 2 })
    await world.put(queuedScan({ task_id: idOf(9), created_at: new Date(START_MS + 9000).toISOString() }))
    const second = await world.services.scans.list({ limit: 2, cursor: first.nextCursor })
    expect(second.scans.map(({ task_id }) => task_id)).toEqual([idOf(2), idOf(1)])
  })

  test('narrows down by status, pool and what the caller asks', async () => {
    const { services } = await withScans(6, (n) => ({
      ...(n % 2 === 0 && { status: 'failed' as const }),
      scanner_pool: n > 3 ? 'far' : 'lab',
    }))
    const ids = async (query: Parameters<typeof services.scans.list>[0]) =>
      (await services.scans.list(query)).scans.map(({ task_id }) => task_id)
    expect(await ids({ limit: 10, status: 'failed' })).toEqual([6, 4, 2].map(idOf))
    expect(await ids({ limit: 10, status: 'failed', pool: 'far' })).toEqual([6, 4].map(idOf))
    expect(await ids({ limit: 10, pool: 'lab' })).toEqual([3, 2, 1].map(idOf))
    expect(await ids({ limit: 10, matches: ({ task_id }) => task_id === idOf(5) })).toEqual([idOf(5)])
  })
})

describe('queue', () => {
  test('priority goes first, then arrival; a pinned scan counts those ahead of it in both queues', async () => {
    const world = await withScans(4, (n) => ({
      priority: n === 3 ? 5 : 0,
      ...(n === 4 && { pinned_instance: 'one' }),
    }))
    const positions = []
    for (let n = 1; n <= 4; n++) positions.push(await world.services.scans.queuePosition(await world.scan(idOf(n))))
    expect(positions).toEqual([2, 3, 1, 4])
    expect(await world.services.scans.queueDepth('lab', ['one'])).toBe(4)
    const { scans: heads } = await world.services.scans.queueHeads('lab', ['one'], 3)
    expect(heads.map(({ task_id }) => task_id)).toEqual([3, 1, 2].map(idOf))
  })

  test('a scan that runs has no position', async () => {
    const world = makeWorld()
    const scan = await world.put(runningScan())
    expect(await world.services.scans.queuePosition(scan)).toBeUndefined()
  })

  test('a new scan is told the place it will have', async () => {
    const world = await withScans(3)
    const fresh = queuedScan({ created_at: new Date(START_MS + 60_000).toISOString() })
    expect(await world.services.scans.nextPosition(fresh)).toBe(4)
    expect(await world.services.scans.nextPosition({ ...fresh, priority: 1 })).toBe(1)
    expect(await world.services.scans.nextPosition({ ...fresh, pinned_instance: 'one' })).toBe(4)
  })

  test('names the scan that has waited longest, whatever its priority', async () => {
    const world = await withScans(3, (n) => ({ priority: n }))
    expect(await world.services.scans.oldestWaiting('lab')).toMatchObject({ task_id: idOf(1) })
    expect(await world.services.scans.oldestWaiting('far')).toBeUndefined()
  })
})
