/**
 * A tool call through gateway, stream, function and reply, against a bare SDK
 * server that answers the same tool from memory; in one run, turn by turn.
 *
 *   npx vitest run --config vitest.bench.config.ts test/bench/gateway
 *
 * Client, gateway and worker share one process here, and so does the bare
 * server with its client: rates are lower than with processes apart. Compare the ratios.
 */
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type ServerType } from '@hono/node-server'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shownSchema } from '../../../lib/gateway/mcp/standard-schema.ts'
import { toolSchemas } from '../../../lib/gateway/tool-schemas.ts'
import { openDoor, type Door } from '../../gateway/support/door.ts'
import { fixtureTools } from '../../gateway/support/fixture-tools.ts'
import { startRedis, type TestRedis } from '../../support/redis.ts'

const CALLS = Number(process.env['CALLS'] ?? 1500)
const ROUNDS = Number(process.env['ROUNDS'] ?? 5)
const CONCURRENCIES = [1, 8, 32]
const P50_MS_MAX = 3
const SHARE_MIN = 0.4

const BODY = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: {
    name: 'echo',
    arguments: { text: 'a', times: 3 },
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
})
const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': 'tools/call',
  'mcp-name': 'echo',
}

let redis: TestRedis
let door: Door
let bare: ServerType
const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const urls: Record<string, string> = {}
beforeAll(async () => {
  redis = await startRedis()
  door = await openDoor({ url: redis.url })
  urls['gateway'] = `${await door.listen()}/mcp`
  bare = createAdaptorServer({ fetch: (incoming) => bareHandler.fetch(incoming) })
  bare.listen(0, '127.0.0.1')
  await once(bare, 'listening')
  urls['bare SDK server'] = `http://127.0.0.1:${(bare.address() as AddressInfo).port}/mcp`
})
afterAll(async () => {
  agent.destroy()
  bare.close()
  await door.close()
  await redis.stop()
})

const { input, output } = toolSchemas(fixtureTools.find(({ name }) => name === 'echo')!)
const schemas = { inputSchema: shownSchema(input), outputSchema: shownSchema(output!) }
const bareHandler = createMcpHandler(() => {
  const server = new McpServer({ name: 'bare', version: '1' })
  server.registerTool('echo', { description: 'Echo', ...schemas }, ({ text, times }) => {
    const result = { text: String(text).repeat(Number(times)), length: Number(times) }
    return { content: [{ type: 'text', text: JSON.stringify(result) }], structuredContent: result }
  })
  return server
})

function call(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers: HEADERS }, (response) => {
      let text = ''
      response.on('data', (piece: Buffer) => (text += piece.toString()))
      response.on('end', () => resolve(text))
    })
    sent.on('error', reject)
    sent.end(BODY)
  })
}

async function run(url: string, concurrency: number): Promise<{ rate: number; times: number[] }> {
  const times: number[] = []
  let left = CALLS
  const startMs = performance.now()
  const caller = async () => {
    while (left-- > 0) {
      const sentMs = performance.now()
      await call(url)
      times.push(performance.now() - sentMs)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, caller))
  return { rate: (CALLS / (performance.now() - startMs)) * 1000, times }
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

test('the gateway against a bare SDK server', async () => {
  for (const url of Object.values(urls)) expect(await call(url)).toContain('"aaa"')
  const shares: number[] = []
  let fastestMs = Number.POSITIVE_INFINITY
  for (const concurrency of CONCURRENCIES) {
    const rates: Record<string, number[]> = {}
    const p50s: Record<string, number[]> = {}
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [name, url] of Object.entries(urls)) {
        const { rate, times } = await run(url, concurrency)
        // The first round warms up.
        if (round === 0) continue
        ;(rates[name] ??= []).push(rate)
        ;(p50s[name] ??= []).push(median(times))
      }
    }
    const rows = Object.keys(urls).map((name) => ({ name, rate: median(rates[name]!), p50Ms: median(p50s[name]!) }))
    const [ours, theirs] = rows
    const share = ours!.rate / theirs!.rate
    console.log(`concurrency ${concurrency}: share ${(share * 100).toFixed(0)} %`)
    for (const { name, rate, p50Ms } of rows)
      console.log(`  ${name}: ${rate.toFixed(0)} calls/s, p50 ${p50Ms.toFixed(2)} ms`)
    shares.push(share)
    fastestMs = Math.min(fastestMs, ours!.p50Ms)
  }
  // One call after another measures the way there and back, so the share is taken under load.
  expect(Math.max(...shares)).toBeGreaterThan(SHARE_MIN)
  expect(fastestMs).toBeLessThan(P50_MS_MAX)
})
