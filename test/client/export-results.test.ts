import { text } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { NessusClient } from '../../lib/client/index.ts'
import { makeStandIn } from './support/stand-in.ts'

const TASK = 'ns_test_20260102_030405_0a1b2c3d'

test('findings are asked for in a format, by their filters and fields', async () => {
  const asked: unknown[] = []
  const standIn = makeStandIn({}, (app) => {
    app.get('/scans/:id/results', (c) => {
      asked.push(c.req.query())
      return c.text('host\r\n')
    })
  })
  const filters = { severity: '>=3' }
  const { body } = await new NessusClient({ url: 'http://gateway.test', fetch: standIn.fetch }).exportResults(TASK, {
    format: 'csv',
    filters,
    custom_fields: ['host', 'cve'],
  })
  expect(await text(Readable.from(body))).toBe('host\r\n')
  expect(asked).toEqual([{ format: 'csv', filters: '{"severity":">=3"}', custom_fields: 'host,cve' }])
})
