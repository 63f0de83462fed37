/** A call whose body was still coming in when the gateway stopped is told so, and may be tried at another one. */
import { expect, test } from 'vitest'
import { McpServer } from '@modelcontextprotocol/server'
import { silentLog } from '../../lib/base/log.ts'
import { ANYBODY } from '../../lib/gateway/auth/identity.ts'
import { makeMcpHandler } from '../../lib/gateway/mcp/handler.ts'

test('a stopped handler refuses as a gateway that is away, and not as one that is broken', async () => {
  const handler = makeMcpHandler({
    makeServer: () => new McpServer({ name: 'x', version: '1' }, { capabilities: {} }),
    sessions: { answer: async () => undefined, open: () => 0, close: async () => {} } as never,
    isSlow: () => false,
    bodyBytesMax: 1000,
    now: () => 0,
    log: silentLog,
  })
  await handler.close()
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
  const request = new Request('http://gateway.test/mcp', { method: 'POST', body })
  const call = handler.fetch(request, { identity: ANYBODY, traceparent: '' })
  await expect(call).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('try again') })
})
