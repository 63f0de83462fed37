/** What counts as a scan of ours, by everything that may have become of the one behind our id. */
import { describe, expect, test } from 'vitest'
import { findOwn, findRun, type ScanClaim } from '../../lib/scanners/own-scan.ts'
import type { ScanReader, ScanState } from '../../lib/scanners/scan-state.ts'

const NAME = 'Weekly [ns_one_20260301_080000_00000001]'
const CLAIM: ScanClaim = {
  scanner: 'lab/one',
  id: 7,
  marker: 'ns_one_20260301_080000_00000001',
  name: NAME,
  standIn: 'template-a',
  serverUuid: 'server-1',
}
const LAUNCHED: ScanClaim = { ...CLAIM, runUuid: 'run-a' }
const RUN = { uuid: 'run-a', historyId: 11 }
const THEIRS = { uuid: 'run-b', historyId: 12 }
const idle: ScanState = { phase: 'idle', status: 'empty', hosts: 0, name: NAME, standIn: 'template-a', runs: [] }
const ran: ScanState = { phase: 'active', status: 'running', hosts: 1, name: NAME, runUuid: 'run-a', runs: [RUN] }
const again: ScanState = { ...ran, runUuid: 'run-b', runs: [RUN, THEIRS] }
const unknown: ScanState = { phase: 'active', status: 'running', hosts: 0, runs: [] }

function reader(state: ScanState | undefined, server: string | undefined = 'server-1'): ScanReader {
  const ended: ScanState = { ...ran, phase: 'completed', status: 'completed' }
  return {
    state: async (_id, historyId) => (historyId === undefined ? state : ended),
    serverUuid: async () => server,
  }
}

describe('a look before a write (O1, O3, O4)', () => {
  test.each<[string, ScanClaim, ScanState | undefined, string | undefined, string]>([
    ['never launched, as it was made', CLAIM, idle, 'server-1', 'ours'],
    ['never launched, at a scanner that says little', CLAIM, { ...unknown, phase: 'idle' }, undefined, 'ours'],
    [
      'never launched, made before its marks were kept',
      { ...CLAIM, name: undefined, standIn: undefined },
      idle,
      'x',
      'foreign',
    ],
    ['a copy of it under our id after a reinstall', CLAIM, { ...idle, standIn: 'template-b' }, 'server-1', 'foreign'],
    [
      'a copy of it whose name ends with the marker',
      CLAIM,
      { ...idle, name: `Copy of ${NAME}` },
      'server-1',
      'foreign',
    ],
    ['another name', CLAIM, { ...idle, name: 'Payroll' }, 'server-1', 'foreign'],
    ['the same name at another Nessus', CLAIM, idle, 'server-2', 'foreign'],
    ['nothing', CLAIM, undefined, 'server-1', 'gone'],
    ['nothing, at another Nessus', CLAIM, undefined, 'server-2', 'foreign'],
    ['nothing, at a Nessus that does not say which', CLAIM, undefined, undefined, 'gone'],
    ['a launch whose answer was lost', CLAIM, ran, 'server-1', 'ours'],
    ['such a launch, and one by a person later', CLAIM, again, 'server-1', 'kept'],
    ['our run', LAUNCHED, ran, 'server-1', 'ours'],
    ['our run, told by info alone', LAUNCHED, { ...ran, runs: [] }, 'server-1', 'ours'],
    ['our run, though the Nessus was restored elsewhere', LAUNCHED, ran, 'server-2', 'ours'],
    ['a run just launched, of which nothing is told yet', LAUNCHED, unknown, 'server-1', 'ours'],
    ['our run, and a later one by a person', LAUNCHED, again, 'server-1', 'kept'],
    ['our scan without our run', LAUNCHED, { ...again, runs: [THEIRS] }, 'server-1', 'gone'],
    ['the run of another scan', LAUNCHED, { ...again, name: 'Payroll', runs: [THEIRS] }, 'server-1', 'foreign'],
    ['the run of another scan at another Nessus', LAUNCHED, { ...again, runs: [THEIRS] }, 'server-2', 'foreign'],
  ])('%s', async (_, claim, state, server, is) => {
    expect(await findOwn(reader(state, server), claim)).toMatchObject({ is })
  })

  test('a scan that a person renamed may be stopped, and not removed (O5)', async () => {
    const found = await findOwn(reader({ ...ran, name: 'Keep this' }), LAUNCHED)
    if (found.is !== 'ours') throw new Error(found.is)
    expect(() => found.scan.spend('remove')).toThrow(/a person's to keep/)
    expect(found.scan.spend('stop')).toBe(7)
  })

  test('is good for one write (O2)', async () => {
    const found = await findOwn(reader(ran), LAUNCHED)
    if (found.is !== 'ours') throw new Error(found.is)
    found.scan.spend('pause')
    expect(() => found.scan.spend('stop')).toThrow(/one look is good for one write/)
  })

  test('is not given of what people made (O5)', async () => {
    await expect(findOwn(reader(ran), { ...LAUNCHED, marker: undefined })).rejects.toThrow(/only read/)
  })

  test('says what is wrong and what to do, and names no scan of others', async () => {
    const found = await findOwn(reader({ ...idle, name: 'Payroll' }, 'server-2'), CLAIM)
    expect(found).toMatchObject({
      why: expect.stringMatching(/not ours any more: another Nessus answers as scanner lab\/one/),
      remedy: expect.stringMatching(/Point lab\/one in scanners.yaml back/),
    })
    expect(JSON.stringify(found)).not.toContain('Payroll')
  })
})

describe('a look before reading', () => {
  test('tells of our run, and exports it, whatever ran later', async () => {
    expect(await findRun(reader(again), LAUNCHED)).toMatchObject({
      is: 'ours',
      run: { id: 7, historyId: 11 },
      state: { phase: 'completed' },
    })
  })

  test('an adopted scan stays with its run', async () => {
    const adopted = { scanner: 'lab/one', id: 7, runUuid: 'run-a', serverUuid: 'server-1' }
    expect(await findRun(reader({ ...again, name: 'Renamed' }), adopted)).toMatchObject({ run: { historyId: 11 } })
    expect(await findRun(reader({ ...again, runs: [THEIRS] }), adopted)).toMatchObject({ is: 'gone' })
    expect(await findRun(reader({ ...again, runs: [THEIRS] }, 'server-2'), adopted)).toMatchObject({ is: 'foreign' })
  })
})

describe('a run that was taken in and has no uuid', () => {
  const bare = { historyId: 11 }
  const later = { historyId: 12 }
  const claim: ScanClaim = { scanner: 'lab/one', id: 7, serverUuid: 'server-1', historyId: 11 }
  const seen = (...runs: ScanState['runs'][number][]): ScanState => ({ ...unknown, runs })

  test.each<[string, ScanState, string, object]>([
    ['is its history id, whatever runs later', seen(bare, later), 'server-1', { is: 'ours', run: { historyId: 11 } }],
    ['is not another one once it was deleted', seen(later), 'server-1', { is: 'gone' }],
    ['is foreign at another Nessus, which numbers its runs alike', seen(bare), 'server-2', { is: 'foreign' }],
  ])('%s', async (_, state, server, found) => {
    expect(await findRun(reader(state, server), claim)).toMatchObject(found)
  })
})
