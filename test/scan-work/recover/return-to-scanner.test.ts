/** A Redis that went back in time gives a scan to another scanner: it is returned to the one that has it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Bus, Delivery } from '../../../lib/bus/bus.ts'
import { MemoryServer } from '../../../lib/bus/memory/memory-bus.ts'
import { returnToScanner, type ReturnDeps } from '../../../lib/scan-work/recover/return-to-scanner.ts'
import { ended, type Runner } from '../../../lib/runtime/runner.ts'
import { compileChange, restore } from '../../../lib/scans/change.ts'
import type { Scan } from '../../../lib/scans/record.ts'
import { scanKeys } from '../../../lib/scans/scan-keys.ts'
import { makeScans } from '../../../lib/scans/scans.ts'
import { makeSnapshots } from '../../../lib/scans/snapshots.ts'
import { post, pullSome } from '../../bus/bus-events.ts'
import { runningScan, TASK } from '../../support/scan-record.ts'
import { START_MS } from '../../support/world.ts'

let dataDir: string
let bus: Bus

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'nessus-mcp-return-'))
  bus = new MemoryServer({ now: () => START_MS, leaseMs: 30_000 }).bus('worker')
})
afterEach(async () => {
  await bus.close()
  await rm(dataDir, { recursive: true })
})

/** A worker that has the creation of `record` in hand, beside the snapshot of a future that Redis lost. */
async function given(record: Scan, snapshot: Scan): Promise<{ delivery: Delivery; deps: ReturnDeps }> {
  const keys = scanKeys(bus.keys.prefix)
  const snapshots = makeSnapshots(dataDir, () => '00000000')
  await snapshots.write(snapshot)
  const admitted = post('create', 'next')
  const event = { ...admitted.event, subject: TASK }
  await bus.publish([{ ...admitted, event }], compileChange(restore(record), keys, bus.keys))
  const [delivery] = await pullSome(bus, { create: 1 })
  const known = ['lab/one', 'lab/two']
  const scanners = { find: (key: string) => (known.includes(key) ? ({ key } as never) : undefined) }
  return {
    delivery: delivery!,
    deps: { bus, scans: makeScans(bus.keyspace, keys), scanKeys: keys, scanners, snapshots },
  }
}

/** Whether the layer dealt with the delivery itself. */
async function dealtWith(delivery: Delivery, deps: ReturnDeps): Promise<boolean> {
  let left = false
  const next = async () => ((left = true), ended('settled'))
  await returnToScanner(deps)(delivery, next, {} as Runner)
  return !left
}

const record = runningScan({ revision: 2, scanner_instance: 'two' })
const lost = runningScan({ revision: 5, scanner_instance: 'one', step: 'scanning', scanner_scan_id: 7 })

test('its place, its slot and its event move in one step, and what comes next sees the record as it then is (RS1)', async () => {
  const { delivery, deps } = await given(record, lost)
  expect(await dealtWith(delivery, deps)).toBe(true)
  expect(await deps.scans.get(TASK)).toMatchObject({
    revision: 3,
    scanner_instance: 'one',
    scanner_scan_id: 7,
    next: 'next',
  })
  expect(await bus.keyspace.members(deps.scanKeys.slots('lab/one'))).toEqual([TASK])
  expect(await bus.keyspace.members(deps.scanKeys.slots('lab/two'))).toEqual([])
  const [again] = await pullSome(bus, { create: 1 })
  expect(again?.event).toEqual(delivery.event)
  expect(await dealtWith(again!, deps)).toBe(false)
})

test.each([
  ['the snapshot is older than the record', { ...lost, revision: 2 }],
  ['the snapshot names the same scanner', { ...lost, scanner_instance: 'two' }],
  ['the snapshot names a scanner that is configured no more', { ...lost, scanner_instance: 'three' }],
  ['the scan had ended', { ...lost, status: 'completed' as const }],
])('it is created where it is when %s (RS2)', async (_, snapshot) => {
  const { delivery, deps } = await given(record, snapshot)
  expect(await dealtWith(delivery, deps)).toBe(false)
  expect(await deps.scans.get(TASK)).toEqual(record)
})

test('other events are none of its business', async () => {
  const { delivery, deps } = await given(record, lost)
  expect(await dealtWith({ ...delivery, function: 'launch' }, deps)).toBe(false)
})
