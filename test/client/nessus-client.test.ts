import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { ConnectionError, NessusClient, TaskNotFoundError, ToolError } from '../../lib/client/index.ts'
import { makeStandIn, type StandIn, type Tools } from './support/stand-in.ts'

const URL = 'http://gateway.test/mcp'
const TASK = 'ns_local_20261121_093000_1f2e3d4c'
const accepted = { result: { task_id: TASK, status: 'queued', idempotent: false } }

function clientOf(standIn: StandIn, token?: string): NessusClient {
  const retry = { firstPauseMs: 1 }
  return new NessusClient({ url: URL, fetch: standIn.fetch, retry, ...(token === undefined ? {} : { token }) })
}

function withTools(tools: Tools): { client: NessusClient; standIn: StandIn } {
  const standIn = makeStandIn(tools)
  return { client: clientOf(standIn), standIn }
}

describe('a call', () => {
  it('answers the structured result, or the text where there is none', async () => {
    const { client } = withTools({ list_pools: () => ({ result: { pools: [] } }), tell: () => ({ text: 'a\nb' }) })
    expect(await client.listPools()).toEqual({ pools: [] })
    expect(await client.callTool('tell')).toBe('a\nb')
    await client.close()
  })

  it('leaves out arguments that are undefined, and sends the token as a bearer token', async () => {
    const standIn = makeStandIn({ list_tasks: () => ({ result: { tasks: [] } }) })
    await using client = clientOf(standIn, 'secret-token')
    await client.callTool('list_tasks', { limit: 3, cursor: undefined })
    expect(standIn.calls).toEqual([{ tool: 'list_tasks', args: { limit: 3 } }])
    expect(new Set(standIn.authorizations)).toEqual(new Set(['Bearer secret-token']))
  })

  it('throws TaskNotFoundError for an unknown scan, and ToolError with code and details for the rest', async () => {
    const error = (code: string) => () => ({ error: { code, message: `it is ${code}`, more: 1 } })
    const { client } = withTools({ get_scan_status: error('not_found'), run_untrusted_scan: error('conflict') })
    const missing = await client.getStatus(TASK).catch((each: unknown) => each)
    expect(missing).toBeInstanceOf(TaskNotFoundError)
    expect(missing).toMatchObject({ taskId: TASK, tool: 'get_scan_status', code: 'not_found' })
    const conflict = client.submitScan({ targets: '192.0.2.1', name: 'x' })
    await expect(conflict).rejects.toMatchObject({
      name: 'ToolError',
      code: 'conflict',
      message: 'it is conflict',
      details: { more: 1 },
    })
    await client.close()
  })

  it('throws ToolError for a tool that does not exist', async () => {
    const { client } = withTools({ list_pools: () => accepted })
    await expect(client.callTool('launch_rockets')).rejects.toBeInstanceOf(ToolError)
    await client.close()
  })

  it('stops waiting when its signal aborts, with the reason of the signal', async () => {
    const { client } = withTools({ list_pools: () => accepted })
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(client.listPools({}, { signal })).rejects.toThrow('enough')
    await client.close()
  })
})

describe('a connection that breaks', () => {
  it('is made anew, and what only reads is asked again', async () => {
    const { client, standIn } = withTools({ list_pools: () => ({ result: { pools: [] } }) })
    standIn.loseAnswers(2)
    expect(await client.listPools()).toEqual({ pools: [] })
    expect(standIn.calls).toHaveLength(3)
    // Each attempt asks anew who is there: the gateway may be another one by now.
    expect(standIn.authorizations).toHaveLength(6)
    await client.close()
  })

  it('is made anew when it could not be made at first', async () => {
    const { client, standIn } = withTools({ run_untrusted_scan: () => accepted })
    standIn.refuseRequests(1)
    const request = { targets: '192.0.2.1', name: 'x' }
    await expect(client.submitScan(request)).rejects.toThrow('connect ECONNREFUSED')
    expect(await client.submitScan(request)).toMatchObject({ task_id: TASK })
    await client.close()
  })

  it('never starts a second scan, unless the call carries an idempotency key', async () => {
    const { client, standIn } = withTools({ run_untrusted_scan: () => accepted })
    standIn.loseAnswers(1)
    await expect(client.submitScan({ targets: '192.0.2.1', name: 'x' })).rejects.toBeInstanceOf(ConnectionError)
    expect(standIn.calls).toHaveLength(1)

    standIn.loseAnswers(1)
    await client.submitScan({ targets: '192.0.2.1', name: 'x', idempotent: true })
    const keys = standIn.calls.slice(1).map(({ args }) => args['idempotency_key'])
    expect(keys).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), keys[0]])
    await client.close()
  })

  it('is given up after some attempts, with the cause and what to do', async () => {
    const { client, standIn } = withTools({ list_pools: () => accepted })
    standIn.loseAnswers(100)
    const error = await client.listPools().catch((each: unknown) => each)
    expect(error).toMatchObject({
      name: 'ConnectionError',
      url: URL,
      message: expect.stringContaining('read ECONNRESET'),
    })
    expect(error).toHaveProperty('message', expect.stringContaining('nessus-mcp up'))
    expect(standIn.calls).toHaveLength(4)
    await client.close()
  })
})

describe('an answer that breaks off', () => {
  it.each([
    ['ends', (body: ReadableStreamDefaultController<Uint8Array>) => body.close()],
    ['breaks', (body: ReadableStreamDefaultController<Uint8Array>) => body.error(new Error('socket hang up'))],
  ])('is noticed at once when its stream %s, and what only reads is asked again', async (_how, end) => {
    const standIn = makeStandIn({ summarize_scan: () => ({ result: { task_id: TASK } }), pause_scan: () => accepted })
    let cuts = 0
    const cutting: typeof fetch = async (input, init) => {
      const response = await standIn.fetch(input, init)
      if (cuts === 0 || !(typeof init?.body === 'string' && init.body.includes('tools/call'))) return response
      cuts -= 1
      await response.text()
      const begun = new TextEncoder().encode(': one moment\n\n')
      const body = new ReadableStream<Uint8Array>({ start: (stream) => (stream.enqueue(begun), end(stream)) })
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    }
    await using client = new NessusClient({ url: URL, fetch: cutting, retry: { firstPauseMs: 1 } })
    cuts = 1
    expect(await client.summarizeScan({ task_id: TASK })).toEqual({ task_id: TASK })
    cuts = 1
    await expect(client.pauseScan({ task_id: TASK })).rejects.toBeInstanceOf(ConnectionError)
    expect(standIn.calls.map(({ tool }) => tool)).toEqual(['summarize_scan', 'summarize_scan', 'pause_scan'])
  })
})

describe('a gateway that never answers', () => {
  const silent: typeof fetch = (_input, init) =>
    new Promise((_resolve, reject) =>
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error)),
    )
  const calls: Record<string, (client: NessusClient) => Promise<unknown>> = {
    connect: (client) => client.connect(),
    ping: (client) => client.ping(),
    listTools: (client) => client.listTools(),
    callTool: (client) => client.callTool('list_pools', {}),
    submitScan: (client) => client.submitScan({ targets: '192.0.2.1', name: 'x' }),
    getResults: (client) => client.getResults(TASK),
    downloadReport: (client) => client.downloadReport(TASK),
    exportResults: (client) => client.exportResults(TASK, { format: 'csv' }),
    importReport: (client) => client.importReport({ body: new Blob(['x']), timeoutMs: 20 }),
  }

  it.each(Object.keys(calls))('holds %s no longer than its time', async (name) => {
    await using client = new NessusClient({ url: URL, fetch: silent, timeoutMs: 20 })
    await expect(calls[name]?.(client)).rejects.toMatchObject({ name: 'ConnectionError' })
  })

  it('holds a scan that is waited for no longer than the waiting', async () => {
    const standIn = makeStandIn({ get_scan_status: () => ({ result: { task_id: TASK, status: 'running' } }) })
    let answers = 2
    const fetch: typeof globalThis.fetch = (input, init) =>
      answers-- > 0 ? standIn.fetch(input, init) : silent(input, init)
    await using client = new NessusClient({ url: URL, fetch })
    await expect(client.waitForCompletion(TASK, { timeoutMs: 60 })).rejects.toMatchObject({ name: 'TimeoutError' })
  })
})

describe('an address that is no gateway', () => {
  it.each([
    [401, '', 'ToolError', 'unauthenticated'],
    [403, '{"error":{"code":"forbidden","message":"ask an administrator"}}', 'ToolError', 'forbidden'],
    [502, 'bad gateway', 'ConnectionError', undefined],
    [404, '<html>', 'ToolError', 'internal'],
  ])(
    'that answers HTTP %i is told from one that does not answer, and can be tried again',
    async (status, body, name, code) => {
      const { client, standIn } = withTools({})
      standIn.answerAll(status, body)
      await expect(client.connect()).rejects.toMatchObject({ name, ...(code === undefined ? {} : { code }) })
      standIn.answerNormally()
      expect(await client.connect()).toBe(client)
      await client.close()
    },
  )
})

describe('results', () => {
  const head = (page: number, next: number | null) => [
    { type: 'schema', profile: 'brief', fields: ['id'], filters_applied: {}, total_vulnerabilities: 3, total_pages: 2 },
    {
      type: 'scan_metadata',
      task_id: TASK,
      scan_name: 'x',
      hosts: 1,
      severity_breakdown: { critical: 3 },
      authentication_status: 'success',
      coverage: {},
      warnings: ['look'],
    },
    { type: 'vulnerability', id: `finding ${page}` },
    { type: 'pagination', page, page_size: 10, total_pages: 2, has_next: next !== null, next_page: next },
  ]
  const pageText = (page: number) => {
    const lines = head(page, page === 1 ? 2 : null)
    return lines.map((line) => JSON.stringify(line)).join('\n')
  }

  it('are read page after page, with the same query', async () => {
    const { client, standIn } = withTools({ get_scan_results: ({ page }) => ({ text: pageText(Number(page)) }) })
    const ids: unknown[] = []
    for await (const { id } of client.results(TASK, { filters: { severity: 4 } })) ids.push(id)
    expect(ids).toEqual(['finding 1', 'finding 2'])
    expect(standIn.calls.map(({ args }) => [args['page'], args['filters']])).toEqual([
      [1, { severity: 4 }],
      [2, { severity: 4 }],
    ])
    expect(await client.getCriticalVulnerabilities(TASK)).toHaveLength(2)
    await client.close()
  })

  it('are summed up with what they are worth', async () => {
    const { client } = withTools({ get_scan_results: () => ({ text: pageText(1) }) })
    expect(await client.getVulnerabilitySummary(TASK)).toEqual({
      task_id: TASK,
      scan_name: 'x',
      hosts: 1,
      total_vulnerabilities: 3,
      severity_breakdown: { critical: 3 },
      authentication_status: 'success',
      coverage: {},
      warnings: ['look'],
    })
    await client.close()
  })
})

describe('reports', () => {
  it('are sent as they are and fetched as they are', async () => {
    const received: string[] = []
    const standIn = makeStandIn({}, (app) => {
      app.post('/scans/import', async (c) => {
        received.push(c.req.query('name') ?? '', await c.req.text())
        return c.json({ task_id: TASK }, 201)
      })
      app.get('/scans/:id/native', (c) => c.text('<xml/>'))
    })
    const client = clientOf(standIn, 'secret-token')
    const chunks = async function* () {
      yield new TextEncoder().encode('<Nessus')
      yield new TextEncoder().encode('ClientData_v2/>')
    }
    expect(await client.importReport({ body: chunks(), name: 'Week 47' })).toEqual({ task_id: TASK })
    expect(received).toEqual(['Week 47', '<NessusClientData_v2/>'])
    const { body } = await client.downloadReport(TASK)
    expect(await text(Readable.from(body))).toBe('<xml/>')
    expect(standIn.authorizations).toEqual(['Bearer secret-token', 'Bearer secret-token'])
    // A redirect could carry the token elsewhere.
    expect(standIn.redirects).toEqual(['error', 'error'])
  })

  it('that break off on their way are told by ConnectionError, however the connection ends', async () => {
    const breaking = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode('<xm'))
        controller.error(new Error('reset'))
      },
    })
    const standIn = makeStandIn({}, (app) => {
      app.get('/scans/:id/native', (c) =>
        c.req.param('id') === TASK
          ? c.body('<xm', 200, { 'content-length': '6' })
          : c.body(breaking, 200, { 'content-length': '6' }),
      )
    })
    for (const task of [TASK, `${TASK.slice(0, -1)}0`]) {
      const { body } = await clientOf(standIn).downloadReport(task)
      await expect(text(Readable.from(body))).rejects.toBeInstanceOf(ConnectionError)
    }
  })

  it('that are missing are told by TaskNotFoundError', async () => {
    const standIn = makeStandIn({}, (app) => {
      app.get('/scans/:id/native', (c) => c.json({ error: { code: 'not_found', message: 'no such scan' } }, 404))
    })
    await expect(clientOf(standIn).downloadReport(TASK)).rejects.toBeInstanceOf(TaskNotFoundError)
  })
})
