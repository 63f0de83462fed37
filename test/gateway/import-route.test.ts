/** Goal: an upload goes with its call, unless a worker may be reading it. */
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { Refusal } from '../../lib/base/errors.ts'
import type { GatewayEnv } from '../../lib/gateway/http/environment.ts'
import { importRoute } from '../../lib/gateway/http/import-route.ts'
import type { ScanFiles } from '../../lib/gateway/scan-files.ts'

/** What becomes of an upload whose call ends with `error`. */
async function discardedAfter(error: unknown): Promise<string[]> {
  const discarded: string[] = []
  const files = {
    receive: async () => 'the.upload',
    discard: async (name: string) => void discarded.push(name),
  } as unknown as ScanFiles
  const app = new Hono<GatewayEnv>()
  app.use('*', async (c, next) => {
    c.set('identity', { name: undefined, scopes: ['scan:read', 'scan:run', 'admin'] } as never)
    await next()
  })
  app.onError((_, c) => c.text('failed', 500))
  app.route('/', importRoute({ invoke: () => Promise.reject(error), files, bytesMax: 10 }))
  await app.request('/', { method: 'POST', body: 'x' })
  return discarded
}

test('an upload whose call was refused, or broke, is dropped', async () => {
  expect(await discardedAfter(new Refusal('invalid_argument', 'no'))).toEqual(['the.upload'])
  expect(await discardedAfter(new Error('broken'))).toEqual(['the.upload'])
})

test('an upload is kept while the fate of its call is unknown', async () => {
  const unknown = new Refusal('unavailable', 'late', { carried_out: 'unknown' })
  expect(await discardedAfter(unknown)).toEqual([])
})
