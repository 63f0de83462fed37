/**
 * The MCP connection to a gateway: made when first needed, made anew after it
 * broke. The SDK speaks the newest protocol revision that the gateway knows.
 */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { tellingBreaks } from './telling-transport.ts'
import { translate } from './translate.ts'

/** The SDK's own limit, which is no limit: callers end a call by its signal. */
const CALL_TIMEOUT_MS = 2_000_000_000
const CONNECT_TIMEOUT_MS = 15_000

export interface SessionOptions {
  readonly url: URL
  readonly token?: string | undefined
  readonly fetch: typeof fetch
  /** Named to the gateway, which logs it. */
  readonly clientInfo: { readonly name: string; readonly version: string }
}

/** A tool as the gateway describes it. */
export interface ToolDescription {
  readonly name: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly inputSchema: object
  readonly outputSchema?: object | undefined
}

export interface ToolAnswer {
  readonly isError: boolean
  readonly text: string
  /** Absent for tools that answer text, such as JSON lines. */
  readonly structured: unknown
}

export interface Session {
  open(signal?: AbortSignal): Promise<void>
  ping(signal?: AbortSignal): Promise<void>
  listTools(signal?: AbortSignal): Promise<readonly ToolDescription[]>
  callTool(name: string, args: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<ToolAnswer>
  close(): Promise<void>
}

export function makeSession(options: SessionOptions): Session {
  let current: Promise<Client> | undefined
  /** Ends a connection that is still being made. */
  let giveUp: AbortController | undefined
  // A connection that failed is not kept: the next call tries again.
  const begin = async (): Promise<Client> => {
    const attempt = new AbortController()
    giveUp = attempt
    try {
      return await connect({ ...options, fetch: abortable(options.fetch, attempt.signal) })
    } catch (error) {
      current = undefined
      throw error
    } finally {
      if (giveUp === attempt) giveUp = undefined
    }
  }
  const open = (): Promise<Client> => (current ??= begin())
  const drop = async (): Promise<void> => {
    const dropped = current
    current = undefined
    giveUp?.abort()
    await dropped?.then((client) => client.close()).catch(() => {})
  }
  /** Runs `ask` on the connection; after a failure of the connection itself the next call makes a new one. */
  const on = async <T>(
    ask: (client: Client) => Promise<T>,
    what: { tool: string; args: Readonly<Record<string, unknown>>; signal: AbortSignal | undefined },
  ): Promise<T> => {
    try {
      return await ask(await open())
    } catch (cause) {
      const error = translate(cause, { url: options.url.href, ...what })
      if (error instanceof Error && error.name === 'ConnectionError') await drop()
      throw error
    }
  }
  const bare = (tool: string, signal: AbortSignal | undefined) => ({ tool, args: {}, signal })
  const limits = (signal: AbortSignal | undefined) => ({ timeout: CALL_TIMEOUT_MS, ...(signal ? { signal } : {}) })

  return {
    open: (signal) => on(async () => {}, bare('connect', signal)),
    ping: (signal) =>
      on(
        async (client) => {
          // The newest revision has no ping; asking what the server is does the same.
          if (client.getProtocolEra() === 'modern') await client.discover(limits(signal))
          else await client.ping(limits(signal))
        },
        bare('ping', signal),
      ),
    listTools: (signal) =>
      on(async (client) => (await client.listTools(undefined, limits(signal))).tools, bare('tools/list', signal)),
    callTool: (name, args, signal) =>
      on(
        async (client) => {
          const result = await client.callTool({ name, arguments: { ...args } }, limits(signal))
          const text = result.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
          return { isError: result.isError === true, text, structured: result.structuredContent }
        },
        { tool: name, args, signal },
      ),
    close: drop,
  }
}

type Fetch = SessionOptions['fetch']

function abortable(send: Fetch, signal: AbortSignal): Fetch {
  return (input, init) =>
    send(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, signal]) : signal })
}

async function connect({ url, token, fetch, clientInfo }: SessionOptions): Promise<Client> {
  const client = new Client({ ...clientInfo }, { versionNegotiation: { mode: 'auto' } })
  // A program is not distracted by what is there: it is told of every tool.
  const address = new URL(url)
  address.searchParams.set('toolset', 'all')
  const transport = tellingBreaks(
    new StreamableHTTPClientTransport(address, {
      ...(token === undefined ? {} : { requestInit: { headers: { authorization: `Bearer ${token}` } } }),
      fetch,
    }),
  )
  await client.connect(transport, { timeout: CONNECT_TIMEOUT_MS })
  return client
}
