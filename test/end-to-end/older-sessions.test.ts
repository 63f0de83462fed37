/** A client of the older SDK behind a load balancer that leads nobody back, while a gateway is killed. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { entryFor, openTestLab } from '../support/lab.ts'

/** Sends every request to the next of `urls`, and to the one after it where nobody answers. */
function makeBalancer(urls: readonly string[]) {
  const streams: string[] = []
  const served = new Map<string, number>()
  let turn = 0
  const balanced = async (address: string | URL, init?: RequestInit): Promise<Response> => {
    for (let tries = 1; ; tries++) {
      const url = urls[turn++ % urls.length]!
      try {
        const response = await fetch(`${url}${new URL(address).pathname}`, init)
        served.set(url, (served.get(url) ?? 0) + 1)
        if (init?.method === 'GET' && response.ok) streams.push(url)
        return response
      } catch (error) {
        if (tries > urls.length || init?.signal?.aborted) throw error
      }
    }
  }
  return { balanced, streams, served }
}

test('follows a scan to its end although the gateway of its stream is killed', async (context) => {
  const lab = openTestLab(context)
  const redis = await lab.redis()
  const env = { REDIS_URL: redis.url }
  const simulator = await lab.simulator('simulator', ['--scan-seconds', '8'])
  await lab.scanners({ lan: [entryFor(simulator, 'one')] })
  const gateways = await Promise.all([lab.gateway('gateway-a', env), lab.gateway('gateway-b', env)])
  await lab.worker('worker', env)
  const { balanced, streams, served } = makeBalancer(gateways.map(({ url }) => url))

  const client = new Client({ name: 'older', version: '1' })
  const transport = new StreamableHTTPClientTransport(new URL('http://balancer.test/mcp'), { fetch: balanced })
  await client.connect(transport as Parameters<Client['connect']>[0])
  const session = transport.sessionId
  expect(session).toBeDefined()
  const started = await client.callTool({
    name: 'run_untrusted_scan',
    arguments: { targets: '192.0.2.10-12', name: 'followed' },
  })
  const uri = `nessus://scans/${(started.structuredContent as { task_id: string }).task_id}`
  const heard: string[] = []
  const ended = new Promise<void>((resolve) => {
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, async ({ params }) => {
      const { contents } = await client.readResource({ uri: params.uri })
      const { status } = JSON.parse((contents[0] as { text: string }).text) as { status: string }
      heard.push(status)
      if (status === 'completed') resolve()
    })
  })
  await client.subscribeResource({ uri })
  while (!heard.includes('running') || streams.length === 0) await sleep(20)

  await gateways.find(({ url }) => url === streams[0])!.program.kill()
  await ended
  expect(streams.length).toBeGreaterThan(1)
  expect(streams.at(-1)).not.toBe(streams[0])
  expect(served.size).toBe(2)
  // It is the session that it began with: nothing was begun anew.
  expect(transport.sessionId).toBe(session)
  await transport.terminateSession()
  await client.close()
})
