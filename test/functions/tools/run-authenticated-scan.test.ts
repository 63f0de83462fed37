/** run_authenticated_scan starts a scan that logs in, with what it was given. */
import { expect, test } from 'vitest'
import { refusalOf, resultOf } from '../../support/tool-replies.ts'
import { makeWorld } from '../../support/world.ts'

const ask = { targets: '192.0.2.10', name: 'Weekly', scan_type: 'authenticated' }

test('starts a scan of its type, whose login reaches the scanner', async () => {
  const world = makeWorld()
  const login = { username: 'audit', password: 'hunter2!' }
  const { task_id: taskId, ...rest } = resultOf(await world.call('run_authenticated_scan', { ...ask, ...login }))
  expect(rest).toMatchObject({ status: 'queued', scan_type: 'authenticated' })
  await world.pass(120_000)
  expect(await world.scan(String(taskId))).toMatchObject({ status: 'completed' })
})

test('refuses a login that lacks what its method needs, and starts nothing', async () => {
  const world = makeWorld()
  const refusal = refusalOf(
    await world.call('run_authenticated_scan', { ...ask, username: 'audit', auth_method: 'Kerberos', password: 'x' }),
  )
  expect(refusal).toMatchObject({ code: 'invalid_argument', details: { arguments: ['kdc'] } })
  expect((await world.services.scans.list({ limit: 5 })).total).toBe(0)
})
