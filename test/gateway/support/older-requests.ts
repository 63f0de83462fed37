/** A client of the older protocol that is nothing but its requests. */
import { expect } from 'vitest'

export const ACCEPT_BOTH = 'application/json, text/event-stream'
export const OLDER_VERSION = '2025-11-25'

type Headers_ = Readonly<Record<string, string>>

export interface StreamEvent {
  readonly id?: string
  readonly retry?: string
  readonly data?: string
}

export interface OpenStream {
  readonly response: Response
  /** The next event that says something, its JSON parsed; `undefined` when the stream has ended. */
  next(): Promise<
    { readonly id: string | undefined; readonly method: string; readonly uri: string | undefined } | undefined
  >
  /** The next event of any kind. */
  event(): Promise<StreamEvent | undefined>
  /** The newest comment, once another event has come or the stream has ended. */
  comment(): Promise<string | undefined>
  close(): Promise<void>
}

/** POSTs one message or a list of them. */
export function post(url: string, body: object, headers: Headers_ = {}): Promise<Response> {
  return fetch(`${url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: ACCEPT_BOTH, ...headers },
    body: JSON.stringify(body),
  })
}

export const initialize = (capabilities: object = {}) => ({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: OLDER_VERSION, capabilities, clientInfo: { name: 'plain', version: '1' } },
})

/** Begins a session at `url`; its headers. */
export async function begin(url: string, headers: Headers_ = {}, capabilities: object = {}): Promise<Headers_> {
  const response = await post(url, initialize(capabilities), headers)
  expect(response.status).toBe(200)
  await response.text()
  const session = response.headers.get('mcp-session-id')
  expect(session).toMatch(/^[\w-]{20,}$/)
  return { ...headers, 'mcp-session-id': session!, 'mcp-protocol-version': OLDER_VERSION }
}

let requests = 0

/** One request within a session; what it answers, its events in one. */
export async function ask(
  url: string,
  session: Headers_,
  method: string,
  params: object = {},
): Promise<{ result?: Record<string, unknown>; error?: { code: number; message: string } }> {
  const id = (requests += 1)
  const response = await post(url, { jsonrpc: '2.0', id, method, params }, session)
  expect(response.status).toBe(200)
  const data = (await response.text()).split('\n').filter((line) => line.startsWith('data: {'))
  return JSON.parse(data.at(-1)!.slice('data: '.length)) as { result?: Record<string, unknown> }
}

export const subscribe = (url: string, session: Headers_, uri: string) =>
  ask(url, session, 'resources/subscribe', { uri })

export function get(url: string, session: Headers_, headers: Headers_ = {}): Promise<Response> {
  return fetch(`${url}/mcp`, { headers: { accept: 'text/event-stream', ...session, ...headers } })
}

/** Opens the stream of a session; from when this resolves it misses nothing. */
export async function listen(url: string, session: Headers_, headers: Headers_ = {}): Promise<OpenStream> {
  const response = await get(url, session, headers)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  return readStream(response)
}

/** Reads any answer that comes as events. */
export function readStream(response: Response): OpenStream {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const comments: string[] = []
  const event = async (): Promise<StreamEvent | undefined> => {
    for (;;) {
      const end = text.indexOf('\n\n')
      if (end >= 0) {
        const block = text.slice(0, end)
        text = text.slice(end + 2)
        const lines = block.split('\n').filter((line) => !line.startsWith(':'))
        comments.push(...block.split('\n').filter((line) => line.startsWith(':')))
        if (lines.length === 0) continue
        return Object.fromEntries(
          lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        )
      }
      const { value, done } = await reader.read()
      if (done) return undefined
      text += value
    }
  }
  return {
    response,
    event,
    async next() {
      for (;;) {
        const found = await event()
        if (!found) return undefined
        if (!found.data) continue
        const { method, params } = JSON.parse(found.data) as { method: string; params?: { uri: string } }
        return { id: found.id, method, uri: params?.uri }
      }
    },
    async comment() {
      await event()
      return comments.at(-1)
    },
    close: () => reader.cancel(),
  }
}
