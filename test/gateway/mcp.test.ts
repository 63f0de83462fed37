/** The MCP endpoint, over a real socket, with the newer and the older official client and with plain requests. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDoor, type Door } from './support/door.ts'

let door: Door
let url: URL
const clients: { close(): Promise<void> }[] = []
beforeAll(async () => {
  door = await openDoor()
  url = new URL(`${await door.listen()}/mcp`)
})
afterAll(async () => {
  for (const client of clients) await client.close()
  await door.close()
})

interface Called {
  readonly content: { readonly type: string; readonly text?: string }[]
  readonly structuredContent?: Record<string, unknown>
  readonly isError?: boolean
}
interface AnyClient {
  callTool(
    call: { name: string; arguments: Record<string, unknown> },
    options?: { onprogress?: (progress: { progress: number; message?: string }) => void; signal?: AbortSignal },
  ): Promise<Called>
  listTools(): Promise<{ tools: { name: string; inputSchema: object; outputSchema?: object; annotations?: object }[] }>
  listResources(params?: { cursor?: string }): Promise<{ resources: { uri: string }[]; nextCursor?: string }>
  readResource(params: { uri: string }): Promise<{ contents: { uri: string; text?: string }[] }>
  listPrompts(): Promise<{ prompts: { name: string }[] }>
  getPrompt(params: { name: string; arguments?: Record<string, string> }): Promise<{ messages: unknown[] }>
  complete(params: object): Promise<{ completion: { values: string[] } }>
  getInstructions(): string | undefined
}

async function newer(): Promise<AnyClient> {
  const client = new Client({ name: 'newer', version: '1' }, { versionNegotiation: { mode: 'auto' } })
  await client.connect(new StreamableHTTPClientTransport(url))
  expect(client.getProtocolEra()).toBe('modern')
  clients.push(client)
  return client as unknown as AnyClient
}

async function older(): Promise<AnyClient> {
  const client = new OlderClient({ name: 'older', version: '1' })
  // The older types do not know exactOptionalPropertyTypes.
  await client.connect(new OlderTransport(url) as Parameters<OlderClient['connect']>[0])
  clients.push(client)
  const same = client as unknown as AnyClient
  const callTool: AnyClient['callTool'] = async (call, options) =>
    (await client.callTool(call, undefined, options as Parameters<OlderClient['callTool']>[2])) as Called
  return Object.assign(Object.create(client) as AnyClient, {
    callTool,
    getInstructions: () => same.getInstructions(),
  })
}

const news = (task: string, revision: number, progress: number) =>
  door.world.append({
    task,
    revision: String(revision),
    status: 'running',
    step: 'scanning',
    progress: String(progress),
  })

describe.each([
  ['the client of 2026-07-28', newer],
  ['the older client', older],
])('%s', (_name, connect) => {
  let client: AnyClient
  beforeAll(async () => {
    client = await connect()
  })

  test('is told how to use the server', () => {
    expect(client.getInstructions()).toContain('get_scan_status')
    expect(client.getInstructions()!.length).toBeLessThan(2048)
  })

  test('lists the tools in their order, with schemas and annotations', async () => {
    const { tools } = await client.listTools()
    const unasked = [...door.world.caller.tools.values()].filter(({ toolset }) => toolset === 'default')
    expect(tools.map(({ name }) => name)).toEqual(unasked.map(({ name }) => name))
    expect(tools[0]).toMatchObject({
      name: 'echo',
      inputSchema: { type: 'object', required: ['text'] },
      outputSchema: { type: 'object' },
      annotations: { readOnlyHint: true },
    })
  })

  test('gets structured content and the same as text', async () => {
    const result = await client.callTool({ name: 'echo', arguments: { text: 'a', times: 2 } })
    expect(result.structuredContent).toMatchObject({ text: 'aa', length: 2 })
    expect(JSON.parse(result.content[0]!.text!)).toEqual(result.structuredContent)
  })

  test('gets JSON-NL as text alone', async () => {
    const result = await client.callTool({ name: 'lines', arguments: {} })
    expect(result.content).toEqual([{ type: 'text', text: '{"n":1}\n{"n":2}\n' }])
    expect(result.structuredContent).toBeUndefined()
  })

  test('gets a refusal as an error result with its code', async () => {
    const result = await client.callTool({ name: 'refuse', arguments: {} })
    expect(result.isError).toBe(true)
    expect(JSON.parse(result.content[0]!.text!)).toEqual({
      error: { code: 'not_found', message: 'There is no such thing. Ask for another.', thing: 'x' },
    })
  })

  test('gets a bad argument named', async () => {
    const result = await client.callTool({ name: 'echo', arguments: { text: 7 } })
    expect(result).toMatchObject({ isError: true })
    expect(result.content[0]!.text).toContain('text: ')
  })

  test('hears of progress while a call waits', async () => {
    const heard: { progress: number; message?: string }[] = []
    const call = client.callTool(
      { name: 'slow', arguments: { task_id: 'a', ms: 800 } },
      { onprogress: (progress) => heard.push(progress) },
    )
    while (door.world.caller.waiting === 0) await new Promise((resolve) => setImmediate(resolve))
    await news('a', 1, 10)
    await news('a', 2, 10)
    await news('a', 3, 55)
    await call
    expect(heard.map(({ progress }) => Math.floor(progress))).toEqual([10, 10, 55])
    expect(heard[1]!.progress).toBeGreaterThan(heard[0]!.progress)
    expect(heard[2]!.message).toBe('running: scanning, 55 %')
  })

  test('can cancel a call', async () => {
    const leaving = new AbortController()
    const call = client.callTool({ name: 'slow', arguments: { ms: 20_000 } }, { signal: leaving.signal })
    while (door.world.caller.waiting === 0) await new Promise((resolve) => setImmediate(resolve))
    leaving.abort(new Error('changed my mind'))
    await expect(call).rejects.toThrow('changed my mind')
  })

  test('reads scans, results and the filter reference as resources', async () => {
    const { task_id: id } = door.addScan('for reading')
    const text = async (uri: string) => (await client.readResource({ uri })).contents[0]!.text!
    expect(JSON.parse(await text(`nessus://scans/${id}`))).toMatchObject({ name: 'for reading' })
    expect(await text('nessus://scans')).toContain(id)
    expect(await text(`nessus://scans/${id}/results/minimal`)).toContain('"minimal"')
    expect(await text('nessus://filters')).toContain('`severity`')
    await expect(client.readResource({ uri: 'nessus://scans/ns_test_20260102_030405_ffffffff' })).rejects.toThrow(
      'There is no scan',
    )
  })

  test('lists the scans as resources, page by page', async () => {
    for (let n = 0; n < 60; n++) door.addScan(`page ${n}`)
    const seen = new Set<string>()
    let cursor: string | undefined
    do {
      const page = await client.listResources(cursor === undefined ? {} : { cursor })
      for (const { uri } of page.resources) seen.add(uri)
      cursor = page.nextCursor
    } while (cursor !== undefined)
    expect(seen.size).toBe(door.scans.size + 2)
  })

  test('completes task ids and profiles', async () => {
    const { task_id: id } = door.addScan('for completion')
    const ref = { type: 'ref/resource', uri: 'nessus://scans/{task_id}/results/{profile}' }
    const of = async (name: string, value: string) =>
      (await client.complete({ ref, argument: { name, value } })).completion.values
    expect(await of('task_id', id)).toEqual([id])
    expect(await of('profile', 'm')).toEqual(['minimal'])
    expect(await of('nothing', '')).toEqual([])
    const nowhere = { ref: { type: 'ref/resource', uri: 'nessus://nowhere/{x}' }, argument: { name: 'x', value: '' } }
    await expect(client.complete(nowhere)).rejects.toThrow('nessus://nowhere')
  })

  test('completes the arguments of prompts with scans that have completed', async () => {
    const { task_id: running } = door.addScan('still running')
    const scan = door.addScan('for a prompt')
    scan.status = 'completed'
    const of = async (prompt: string, name: string, value: string) => {
      const ref = { type: 'ref/prompt', name: prompt }
      return (await client.complete({ ref, argument: { name, value } })).completion.values
    }
    expect(await of('triage_scan', 'task_id', 'ns_test')).toContain(scan.task_id)
    expect(await of('triage_scan', 'task_id', running)).toEqual([])
    expect(await of('compare_with_last', 'previous_task_id', scan.task_id)).toEqual([scan.task_id])
    expect(await of('triage_scan', 'focus', '')).toEqual([])
    await expect(of('nothing', 'task_id', '')).rejects.toThrow('no prompt "nothing"')
  })

  test('gets prompts that name the scan', async () => {
    const { prompts } = await client.listPrompts()
    expect(prompts.map(({ name }) => name)).toEqual([
      'triage_scan',
      'compare_with_last',
      'explain_finding',
      'plan_remediation',
    ])
    const prompt = await client.getPrompt({ name: 'triage_scan', arguments: { task_id: 'ns_x' } })
    expect(JSON.stringify(prompt.messages)).toContain('ns_x')
    await expect(client.getPrompt({ name: 'triage_scan', arguments: {} })).rejects.toThrow('task_id')
  })
})

describe('plain requests', () => {
  const send = (body: object, headers: Record<string, string> = {}) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...body }),
    })
  const modern = (method: string, params: object = {}, name?: string) =>
    send(
      {
        method,
        params: {
          ...params,
          _meta: {
            'io.modelcontextprotocol/protocolVersion': '2026-07-28',
            'io.modelcontextprotocol/clientInfo': { name: 'curl', version: '1' },
            'io.modelcontextprotocol/clientCapabilities': {},
            traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01',
          },
        },
      },
      {
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': method,
        ...(name === undefined ? {} : { 'mcp-name': name }),
      },
    )

  test('of the older protocol need not accept event streams', async () => {
    const response = await send({ method: 'tools/list' }, { accept: '*/*' })
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('"echo"')
  })

  test('for lists carry hints for caches', async () => {
    const answer = (await (await modern('tools/list')).json()) as { result: object }
    expect(answer.result).toMatchObject({ ttlMs: 300_000, cacheScope: 'public' })
  })

  test('carry the trace in their _meta', async () => {
    const response = await modern('tools/call', { name: 'echo', arguments: { text: 'a' } }, 'echo')
    expect(await response.text()).toContain('0123456789abcdef0123456789abcdef')
  })

  test('for slow tools get their first byte before the answer', async () => {
    const response = await modern('tools/call', { name: 'slow', arguments: { ms: 600 } }, 'slow')
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    expect(await response.text()).toContain('"done":true')
  })

  test('for a tool that does not exist get the protocol error', async () => {
    const answer = (await (await modern('tools/call', { name: 'nothing', arguments: {} }, 'nothing')).json()) as object
    expect(answer).toMatchObject({ error: { code: -32_602 } })
  })
})

describe('subscriptions', () => {
  test('hear of a scan that changes, on every gateway', async () => {
    const other = new URL(`${await door.listen(await door.another())}/mcp`)
    const client = new Client({ name: 'listener', version: '1' }, { versionNegotiation: { mode: 'auto' } })
    await client.connect(new StreamableHTTPClientTransport(other))
    clients.push(client)
    const { task_id: id } = door.addScan('watched')
    const uri = `nessus://scans/${id}`
    const updated = new Promise<string>((resolve) => {
      client.setNotificationHandler('notifications/resources/updated', ({ params }) => resolve(params.uri))
    })
    const subscription = await client.listen({ resourceSubscriptions: [uri] })
    await news(id, 2, 40)
    expect(await updated).toBe(uri)
    await subscription.close()
  })
})
