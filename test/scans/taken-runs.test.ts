/** Which runs were taken in: noted with the scan that has them, and known again after a rebuild. */
import { expect, test } from 'vitest'
import { busKeys } from '../../lib/bus/keys.ts'
import { begin, compileChange, restore, update } from '../../lib/scans/change.ts'
import { scanKeys } from '../../lib/scans/scan-keys.ts'
import { placeOfScan } from '../../lib/scans/taken-runs.ts'
import { traceWrites } from '../../lib/scans/traces.ts'
import { runningScan, TASK } from '../support/scan-record.ts'

const keys = scanKeys('p')
const adopted = (patch = {}) =>
  runningScan({
    origin: 'adopted',
    step: 'exporting',
    scanner_scan_id: 7,
    run_uuid: 'RUN-1',
    run_history_id: 4,
    ...patch,
  })
const noted = (key: string, field: string) => ['HSET', key, field, TASK]
const compiled = (change: Parameters<typeof compileChange>[0]) => compileChange(change, keys, busKeys('p'))

test('a scan begins with the entry of its run, guarded by that entry being as it was read (TR1)', () => {
  const { guards, writes } = compiled(begin(adopted(), { had: 'ns_other_20260301_080000_00000002' }))
  const entry = { key: 'p:taken:lab/one', field: 'run-1' }
  expect(writes).toContainEqual(noted(entry.key, entry.field))
  expect(guards).toContainEqual({ if: 'field', ...entry, is: 'ns_other_20260301_080000_00000002', else: 'stale' })
  expect(compiled(begin(adopted())).guards).toContainEqual({ if: 'field', ...entry, is: '', else: 'stale' })
})

test('a rebuild notes it anew, from the snapshot or from the record (TR4)', () => {
  const scan = adopted({ made_there: { server_uuid: 'Server-A' } })
  expect(compiled(restore(scan)).writes).toContainEqual(noted('p:taken:server-a', 'run-1'))
  expect(traceWrites(scan, keys)).toContainEqual(noted('p:taken:server-a', 'run-1'))
})

test('where a run has no uuid it is known by the ids of scan and run; without either it cannot be noted (TR3)', () => {
  expect(placeOfScan(adopted({ run_uuid: undefined }), keys)).toEqual({ key: 'p:taken:lab/one', field: '7/4' })
  expect(placeOfScan(adopted({ run_uuid: undefined, run_history_id: undefined }), keys)).toBeUndefined()
})

test('a run that becomes known while it is followed is noted then; scans of ours are not', () => {
  const before = adopted({ run_uuid: undefined, run_history_id: undefined })
  expect(compiled(update(before, { run_uuid: 'late' })).writes).toContainEqual(noted('p:taken:lab/one', 'late'))
  expect(placeOfScan(runningScan({ scanner_scan_id: 7, run_uuid: 'x' }), keys)).toBeUndefined()
})
