/** What is noted of scans that were seen to: it spares looks, stays as small as the scanner's list, and is read in pages. */
import { expect, test, vi } from 'vitest'
import { dropWrites, notesKey, noteWrites, withNotes } from '../../../lib/scan-work/start/noted-scans.ts'
import type { ScannerScan } from '../../../lib/scanners/scanner.ts'
import { makeWorld } from '../../support/world.ts'

const scanOf = (id: number, more: Partial<ScannerScan> = {}): ScannerScan => {
  return { id, name: `scan ${id}`, status: 'completed', phase: 'completed', runUuid: `run-${id}`, ...more }
}

function noting() {
  const { services, bus } = makeWorld()
  const key = notesKey('lab/one', { serverUuid: 'Server' }, services)
  const note = (...scans: ScannerScan[]) =>
    bus.publish([], { guards: [], writes: scans.flatMap((scan) => noteWrites(scan, key)) })
  const unchanged = async (scans: readonly ScannerScan[]) => {
    const ids: number[] = []
    for await (const { scan, isUnchanged } of withNotes(scans, key, services)) if (isUnchanged) ids.push(scan.id)
    return ids
  }
  return { services, bus, key, note, unchanged }
}

test('a scan is known again by its newest run, its status and its time', async () => {
  const { note, unchanged } = noting()
  await note(scanOf(1), scanOf(2), scanOf(3), scanOf(4, { lastModifiedAt: 5 }))
  const now = [
    scanOf(1),
    scanOf(2, { runUuid: 'a newer one' }),
    scanOf(3, { status: 'running' }),
    scanOf(4, { lastModifiedAt: 6 }),
    scanOf(5),
  ]
  expect(await unchanged(now)).toEqual([1])
})

test('it is read in pages, never whole, however much is noted (N2)', async () => {
  const { services, key, note, unchanged } = noting()
  const scans = Array.from({ length: 1200 }, (_, n) => scanOf(n + 1))
  await note(...scans)
  const whole = vi.spyOn(services.keyspace, 'hash')
  const pages = vi.spyOn(services.keyspace, 'fields')
  expect(await unchanged(scans)).toHaveLength(1200)
  expect(whole).not.toHaveBeenCalled()
  expect(pages.mock.calls.map(([, names]) => names.length)).toEqual([500, 500, 200])
  expect(pages.mock.calls.every(([asked]) => asked === key)).toBe(true)
})

test('what the scanner lists no more is dropped, a thousand in one pass (N1)', async () => {
  const { services, bus, key, note } = noting()
  await note(...Array.from({ length: 1500 }, (_, n) => scanOf(n + 1)))
  const listed = Array.from({ length: 200 }, (_, n) => scanOf(n + 1))
  const left: number[] = []
  for (let pass = 0; pass < 3; pass++) {
    await bus.publish([], { guards: [], writes: await dropWrites(listed, key, services) })
    left.push((await services.keyspace.fieldNames(key)).length)
  }
  expect(left).toEqual([500, 200, 200])
})

test('two accounts at one scanner, who are shown other scans, do not drop what the other noted', () => {
  const { services } = noting()
  const server = { serverUuid: 'S' }
  expect(notesKey('lab/one', server, services)).not.toBe(notesKey('lab/two', server, services))
})
