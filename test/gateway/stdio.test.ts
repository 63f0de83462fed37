/** MCP as over standard input and output, on a pair of transports in memory. */
import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { silentLog } from '../../lib/base/log.ts'
import { startStdio } from '../../lib/gateway/mcp/stdio.ts'
import { readToolsets } from '../../lib/runtime/toolset.ts'
import { openDoor, type Door } from './support/door.ts'

let door: Door
beforeAll(async () => {
  door = await openDoor()
})
afterAll(async () => {
  await door.close()
})

const TRACE = '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01'

describe.each(['auto', 'legacy'] as const)('a client that negotiates %s', (mode) => {
  test('lists and calls tools, and reads resources', async () => {
    const [here, there] = InMemoryTransport.createLinkedPair()
    const { makeServer } = door.gateway
    const stdio = startStdio({ makeServer, makeTraceparent: () => TRACE, log: silentLog, transport: there })
    const client = new Client({ name: 'desktop', version: '1' }, { versionNegotiation: { mode } })
    await client.connect(here)
    try {
      expect((await client.listTools()).tools.map(({ name }) => name)).toContain('run_untrusted_scan')
      const result = await client.callTool({ name: 'echo', arguments: { text: 'a' } })
      expect(result.structuredContent).toMatchObject({ text: 'a', trace: TRACE })
      const refused = await client.callTool({ name: 'refuse', arguments: {} })
      expect(refused.isError).toBe(true)
      expect((await client.readResource({ uri: 'nessus://filters' })).contents).toHaveLength(1)
    } finally {
      await client.close()
      await stdio.close()
    }
  })
})

test('a client is shown the toolset that its server was started with', async () => {
  const [here, there] = InMemoryTransport.createLinkedPair()
  const { makeServer } = door.gateway
  const toolsets = readToolsets('details')
  const stdio = startStdio({ makeServer, makeTraceparent: () => TRACE, toolsets, log: silentLog, transport: there })
  const client = new Client({ name: 'desktop', version: '1' })
  await client.connect(here)
  try {
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['slow'])
  } finally {
    await client.close()
    await stdio.close()
  }
})
