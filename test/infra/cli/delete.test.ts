import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { expect, onTestFinished, test } from 'vitest'
import { makeStandIn } from '../../client/support/stand-in.ts'
import { run } from './support/system.ts'

const TASK = 'ns_local_20261121_093000_1f2e3d4c'

test('a running scan is deleted only with --force', async () => {
  const refusal = { error: { code: 'conflict', message: 'it is running' } }
  const gateway = makeStandIn({
    delete_scan: ({ force }) => (force === true ? { result: { task_id: TASK, deleted: false, next: '' } } : refusal),
  })
  const server = createAdaptorServer({ fetch: (request) => gateway.fetch(request) }) as Server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const remove = (...flags: string[]) => run(['delete', TASK, '--yes', '--url', url, ...flags])
  expect(await remove()).toMatchObject({ code: 1, stderr: expect.stringContaining('it is running') as string })
  expect(await remove('--force')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('is being stopped') as string,
  })
  expect(gateway.calls.map(({ args }) => args['force'])).toEqual([false, true])
})
