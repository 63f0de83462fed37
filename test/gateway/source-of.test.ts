/** Who says in the log that a call came from the command line. */
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { onGateway } from '../../infra/cli/commands/client-command.ts'
import { sourceOf, SOURCE_HEADER } from '../../lib/gateway/source-of.ts'

test('our command line alone is called cli; anything else is what it came over', () => {
  expect(sourceOf(new Headers({ [SOURCE_HEADER]: 'cli' }), 'mcp')).toBe('cli')
  expect(sourceOf(new Headers({ [SOURCE_HEADER]: 'gateway' }), 'mcp')).toBe('mcp')
  expect(sourceOf(new Headers(), 'http')).toBe('http')
  expect(sourceOf(undefined, 'stdio')).toBe('stdio')
})

test('every request of a command says so', async () => {
  const said: unknown[] = []
  const server = createServer((request, response) => {
    said.push(request.headers[SOURCE_HEADER])
    response.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const before = process.exitCode
  await onGateway({ url, json: true }, async ({ client }) => {
    await client.getScanStatus({ task_id: 'ns_one_20260301_080000_0000000e' }).catch(() => {})
    await client.downloadReport('ns_one_20260301_080000_0000000e').catch(() => {})
  })
  process.exitCode = before
  server.close()
  expect(said.length).toBeGreaterThan(0)
  expect(new Set(said)).toEqual(new Set(['cli']))
})
