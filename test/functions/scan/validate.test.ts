/** validate: judges a report, and asks for another when it cannot be read. */
import { describe, expect, test } from 'vitest'
import { runDelivery } from '../../../lib/runtime/run-delivery.ts'
import { statusView } from '../../../lib/scan-work/show/status-view.ts'
import { readLetters, type DeadLetter } from '../../../lib/scan-work/recover/read-letters.ts'
import { planReplay, replayLetter } from '../../../lib/scan-work/recover/replay-letter.ts'
import { DAMAGED } from '../../support/fake-reports.ts'
import { TASK } from '../../support/scan-record.ts'
import { routes } from '../../support/world.ts'
import { atScanner, scanning, waitingFor } from '../../runtime/support/waiting-for.ts'

describe('validate', () => {
  const exporting = scanning({ step: 'exporting', scan_outcome: 'completed' })

  test('an aborted run fails, though what it found can be read', async () => {
    const world = await waitingFor('scan.finished', { ...exporting, scan_outcome: 'aborted' })
    atScanner(world)
    await world.settleDown()
    const scan = await world.scan(TASK)
    expect(scan).toMatchObject({ status: 'failed', results_summary: { total_vulnerabilities: 2 } })
    expect(scan.failure?.message).toContain('aborted')
  })

  test('a report that cannot be read is fetched again, a few times and no more, and is not called clean', async () => {
    const world = await waitingFor('scan.finished', exporting, {}, { report: () => DAMAGED })
    atScanner(world)
    await world.settleDown()
    const first = await world.scan(TASK)
    expect(first).toMatchObject({ status: 'running', step: 'exporting', unreadable_exports: { count: 1 } })
    const { trouble } = await statusView(first, { ...world.services, now: world.bus.now() })
    expect(trouble?.message).toMatch(/could not be read.*export 2 of at most 3 is fetched/)
    await world.pass(120_000)
    expect(await world.scan(TASK)).toMatchObject({
      status: 'failed',
      failure: { step: 'validate', message: expect.stringMatching(/exported 3 times, and unreadable each time/) },
    })
    expect(world.scanner().calls.filter((call) => call === 'requestExport')).toHaveLength(3)
  })

  test('a report that comes whole the second time completes its scan, and the record tells of the first', async () => {
    const reports = [DAMAGED, 'a whole report']
    const world = await waitingFor('scan.finished', exporting, {}, { report: () => reports.shift()! })
    atScanner(world)
    await world.pass(60_000)
    expect(await world.scan(TASK)).toMatchObject({ status: 'completed', unreadable_exports: { count: 1 } })
  })

  test('a disk that takes nothing is no reason to ask for another export', async () => {
    const world = await waitingFor('scan.finished', exporting)
    atScanner(world)
    await world.deliver('export')
    const build = () => Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }))
    const stuck = { ...world.services, reports: { ...world.reports, build } }
    const [delivery] = await world.bus.pull(new Map([['validate', 1]]))
    expect(await runDelivery(delivery!, world.runner(world.bus, { services: stuck }))).toBe('retried')
    expect(await world.scan(TASK)).toMatchObject({ step: 'validating', trouble: { with: 'disk' } })
    expect((await world.scan(TASK)).unreadable_exports).toBeUndefined()
  })

  test('a scan that failed for its report is replayed by fetching it again (RL3)', async () => {
    let report = DAMAGED
    const world = await waitingFor('scan.finished', exporting, {}, { report: () => report })
    atScanner(world)
    await world.pass(120_000)
    report = 'a whole report'
    const found = await readLetters(world.server.keyspace, world.server.keys).next()
    const letter = found.value as DeadLetter
    expect(letter.function).toBe('validate')
    const deps = { ...world.services, bus: world.bus, routes }
    expect((await planReplay(letter, deps)).does).toMatch(/goes on at exporting/)
    expect(await replayLetter(letter, 'a test', deps)).toBe(true)
    await world.settleDown()
    expect(await world.scan(TASK)).toMatchObject({ status: 'completed', results_summary: { hosts_scanned: 1 } })
  })
})
