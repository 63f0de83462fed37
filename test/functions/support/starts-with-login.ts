/** What every tool that starts a scan with a login keeps to, as tests of its file. */
import { expect, test } from 'vitest'
import { refusalOf, resultOf } from '../../support/tool-replies.ts'
import { makeWorld } from '../../support/world.ts'

const ask = { targets: '192.0.2.10', name: 'Weekly' }

/** The tests of `tool`, given the arguments that it needs beside a login, and the type of the scan that it starts. */
export function testStartsWithLogin(tool: string, more: object, scanType: string): void {
  test('starts a scan of its type, whose login reaches the scanner', async () => {
    const world = makeWorld()
    const login = { username: 'audit', password: 'hunter2!' }
    const { task_id: taskId, ...rest } = resultOf(await world.call(tool, { ...ask, ...more, ...login }))
    expect(rest).toMatchObject({ status: 'queued', scan_type: scanType })
    await world.pass(120_000)
    expect(await world.scan(String(taskId))).toMatchObject({ status: 'completed' })
    expect([...world.scanner().scansById.values()]).toMatchObject([{ asked: { credentials: login } }])
  })

  test('refuses a login that lacks what its method needs, and starts nothing', async () => {
    const world = makeWorld()
    const login = { username: 'audit', auth_method: 'Kerberos', password: 'x' }
    const refusal = refusalOf(await world.call(tool, { ...ask, ...more, ...login }))
    expect(refusal).toMatchObject({ code: 'invalid_argument', details: { arguments: ['kdc'] } })
    expect((await world.services.scans.list({ limit: 5 })).total).toBe(0)
  })
}
