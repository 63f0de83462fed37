import { expect, test } from 'vitest'
import { statusView } from '../../../lib/scan-work/show/status-view.ts'
import { runningScan } from '../../support/scan-record.ts'
import { makeWorld } from '../../support/world.ts'

const viewOf = (as: 'canceled' | 'timeout') => {
  const world = makeWorld()
  const stopping = { as, reason: 'its time was over' }
  const scan = runningScan({ status: as, step: 'done', stopping, scanner_status: 'canceled', scan_outcome: 'canceled' })
  return statusView(scan, { ...world.services, now: world.bus.now() })
}

test('after a time limit nothing says "canceled", though the scanner does', async () => {
  const view = await viewOf('timeout')
  expect(view).toMatchObject({ status: 'timeout', scanner_status: 'stopped' })
  expect(JSON.stringify(view)).not.toContain('cancel')
})

test('what was canceled says so', async () => {
  expect(await viewOf('canceled')).toMatchObject({ status: 'canceled', scanner_status: 'canceled' })
})
