/** create: makes the scan at its scanner, once. */
import { describe, expect, test } from 'vitest'
import { runningScan, TASK } from '../../support/scan-record.ts'
import { type World } from '../../support/world.ts'
import { atScanner, letters, waitingFor } from '../../runtime/support/waiting-for.ts'

async function setScannerId(world: World, id: number): Promise<void> {
  const scan = { ...(await world.scan(TASK)), scanner_scan_id: id }
  world.server.keyspace.apply(['HSET', world.services.scanKeys.scan(TASK), 'body', JSON.stringify(scan)])
}

describe('create', () => {
  test('creates the scan, marked with its task id', async () => {
    const world = await waitingFor('scan.admitted', runningScan())
    await world.deliver('create')
    expect(world.scanner().marked(TASK)).toMatchObject([{ asked: { targets: '192.0.2.10', template: 'basic' } }])
    expect(await world.scan(TASK)).toMatchObject({ step: 'launching', scanner_scan_id: 1 })
    expect(world.waiting('launch')).toEqual(['scan.created'])
  })

  test('adopts what an earlier run of it made', async () => {
    const world = await waitingFor('scan.admitted', runningScan())
    atScanner(world, { launched: false })
    await world.deliver('create')
    expect(world.scanner().tally(TASK).creates).toBe(1)
    expect(await world.scan(TASK)).toMatchObject({ scanner_scan_id: 1 })
  })

  test('finds the scan again after a link that broke behind its creation', async () => {
    const world = await waitingFor('scan.admitted', runningScan())
    let broken = true
    world.scanner().fault = (method, moment) => {
      if (method !== 'create' || moment !== 'after' || !broken) return
      broken = false
      throw new Error('connection reset')
    }
    expect(await world.deliver('create')).toBe('retried')
    await world.pass(60_000)
    expect(world.scanner().tally(TASK)).toMatchObject({ creates: 1, launches: 1 })
  })

  test('removes an orphan when its scan has been stopped meanwhile', async () => {
    const world = await waitingFor('scan.admitted', runningScan())
    await world.put(runningScan({ task_id: 'ns_one_20260301_080000_0000000a' }))
    await world.call('stop_scan', { task_id: TASK })
    atScanner(world, { launched: false })
    await world.deliver('create')
    expect(world.scanner().marked(TASK)).toEqual([])
  })

  test('creates nothing when the scan is stopped just before', async () => {
    const world = await waitingFor('scan.admitted', runningScan())
    let stopped = false
    world.scanner().fault = async (method, moment) => {
      if (method !== 'findMarked' || moment !== 'after' || stopped) return
      stopped = true
      await world.call('stop_scan', { task_id: TASK })
    }
    expect(await world.deliver('create')).toBe('settled')
    expect(world.scanner().tally(TASK).creates).toBe(0)
  })

  test('leaves what it made to the worker that took over, unless that made its own', async () => {
    for (const [recorded, left] of [
      [undefined, 1],
      [7, 0],
    ] as const) {
      const world = await waitingFor('scan.admitted', runningScan())
      world.scanner().fault = async (method, moment) => {
        if (method !== 'create' || moment !== 'after') return
        // The lease lapses while the answer is on its way, and another worker takes the event.
        world.clock.ms += 31_000
        const other = world.server.bus('other')
        await other.pull(new Map([['create', 0]]))
        await other.claim(new Map([['create', 1]]), true)
        if (recorded !== undefined) await setScannerId(world, recorded)
      }
      expect(await world.deliver('create')).toBe('fenced')
      expect(world.scanner().marked(TASK)).toHaveLength(left)
    }
  })

  test('gives up when the credentials are gone, and says what to do', async () => {
    const credentials = { kind: 'named', ref: 'linux', shown: {} } as const
    const world = await waitingFor('scan.admitted', runningScan({ credentials }))
    expect(await world.deliver('create')).toBe('dead')
    await world.deliver('fail')
    const { status, failure } = await world.scan(TASK)
    expect(status).toBe('failed')
    expect(failure).toMatchObject({ step: 'create', message: expect.stringContaining('linux') })
    expect(letters(world)).toMatchObject([{ letter: failure?.dead_letter, task: TASK }])
  })
})
