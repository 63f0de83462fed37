/** Goal: a rebuild gives back what was lost, whole, and touches nothing that is there. */
import { expect, test } from 'vitest'
import { rebuildScans } from '../../../lib/scan-work/recover/rebuild-scans.ts'
import { begin, compileChange } from '../../../lib/scans/change.ts'
import type { Scan } from '../../../lib/scans/record.ts'
import { endedScan, queuedScan, runningScan, TASK } from '../../support/scan-record.ts'
import { makeWorld, routes, type World } from '../../support/world.ts'

const rebuild = (world: World, snapshot: () => Promise<Scan> | Scan) =>
  rebuildScans({
    ...world.services,
    bus: world.bus,
    routes,
    snapshots: { write: async () => true, read: async () => snapshot(), list: async () => [TASK] },
    dryRun: false,
  })

test('a scan that has a record is left alone, though its snapshot is newer and says another thing (RB1)', async () => {
  const world = makeWorld()
  const record = await world.put(runningScan({ step: 'scanning', scanner_scan_id: 1 }))
  expect(await rebuild(world, () => endedScan({ revision: 9 }))).toMatchObject({ known: 1, restored: 0 })
  expect(await world.scan(TASK)).toEqual(record)
  expect(await world.services.scans.used('lab/one')).toBe(1)
})

test('a scan comes back with its place and its event, or, where it began meanwhile, not at all (RB2)', async () => {
  const world = makeWorld()
  expect(await rebuild(world, () => queuedScan({ name: 'from the snapshot' }))).toMatchObject({ restored: 1 })
  expect(await world.services.scans.queueDepth('lab', ['one'])).toBe(1)
  expect(world.waiting('admit')).toEqual(['scan.requested'])

  const other = makeWorld()
  const report = await rebuild(other, () => {
    const change = { ...begin(runningScan({ name: 'begun meanwhile' })), restored: true }
    other.server.commit(compileChange(change, other.services.scanKeys, other.server.keys), [])
    return queuedScan({ name: 'from the snapshot' })
  })
  expect(report).toMatchObject({ restored: 0, known: 1 })
  expect(await other.scan(TASK)).toMatchObject({ name: 'begun meanwhile', status: 'running' })
  expect(await other.services.scans.queueDepth('lab', ['one'])).toBe(0)
  expect(other.waiting('admit')).toEqual([])
})
