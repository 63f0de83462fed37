/** get_scan_status tells where a scan stands, and stop_scan what becomes of it. */
import { describe, expect, test } from 'vitest'
import { queuedScan, TASK } from '../../support/scan-record.ts'
import { refusalOf, resultOf } from '../../support/tool-replies.ts'
import { makeWorld } from '../../support/world.ts'

const ask = { targets: '192.0.2.10, 192.0.2.11', name: 'Weekly' }

describe('get_scan_status and stop_scan', () => {
  test('tell of an unknown scan, and of an id that is none', async () => {
    for (const tool of ['get_scan_status', 'stop_scan', 'get_scan_results']) {
      expect(refusalOf(await makeWorld().call(tool, { task_id: TASK })).code).toBe('not_found')
      expect(refusalOf(await makeWorld().call(tool, { task_id: '../x' })).code).toBe('invalid_argument')
    }
  })

  test('tell where a scan stands', async () => {
    const world = makeWorld()
    await world.put(queuedScan())
    const status = resultOf(await world.call('get_scan_status', { task_id: TASK }))
    expect(status).toMatchObject({ status: 'queued', queue_position: 1, progress: 0, error: null })
    expect(JSON.stringify(status)).not.toContain('credentials')
  })

  test('a waiting scan is stopped at once and leaves its queue', async () => {
    const world = makeWorld()
    await world.put(queuedScan())
    expect(resultOf(await world.call('stop_scan', { task_id: TASK }))).toMatchObject({
      status: 'canceled',
      stopping: false,
    })
    expect(await world.services.scans.queueDepth('lab', ['one'])).toBe(0)
  })

  test('a running one is stopped at its scanner, and asking again changes nothing', async () => {
    const world = makeWorld()
    const { task_id } = resultOf(await world.call('run_untrusted_scan', ask))
    await world.settleDown()
    expect(resultOf(await world.call('stop_scan', { task_id }))).toMatchObject({ stopping: true })
    const { revision } = await world.scan(String(task_id))
    await world.call('stop_scan', { task_id })
    expect(await world.scan(String(task_id))).toMatchObject({ revision })
    await world.pass(20_000)
    expect(await world.scan(String(task_id))).toMatchObject({ status: 'canceled', step: 'done' })
    expect(resultOf(await world.call('stop_scan', { task_id }))).toMatchObject({ status: 'canceled', stopping: false })
  })
})
