/** get_scan_settings tells what was asked for, and never a secret. */
import { expect, test } from 'vitest'
import { refusalOf, resultOf } from '../../support/tool-replies.ts'
import { TASK } from '../../support/scan-record.ts'
import { makeWorld } from '../../support/world.ts'

test('shows the request again, its secrets masked', async () => {
  const world = makeWorld()
  const login = { username: 'audit', password: 'hunter2!', scan_type: 'authenticated' }
  const ask = { targets: '192.0.2.10', name: 'Weekly', template: 'basic', priority: 3, ...login }
  const { task_id: taskId } = resultOf(await world.call('run_authenticated_scan', ask))
  const result = resultOf(await world.call('get_scan_settings', { task_id: taskId }))
  expect(result).toMatchObject({
    scan_type: 'authenticated',
    scanner_pool: 'lab',
    settings: { targets: '192.0.2.10', name: 'Weekly', priority: 3, credentials: { username: 'audit' } },
  })
  expect(JSON.stringify(result)).not.toContain('hunter2!')
})

test('refuses a scan that is not there', async () => {
  expect(refusalOf(await makeWorld().call('get_scan_settings', { task_id: TASK })).code).toBe('not_found')
})
