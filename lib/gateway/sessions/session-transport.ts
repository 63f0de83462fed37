/**
 * Carries one request of a session. A server lives for one request only, so
 * it is first told what the session's client said of itself; and what it asks
 * the client bears a name that is unique in the session, since the answer comes
 * in a request of its own.
 */
import {
  isJSONRPCRequest,
  isJSONRPCResponse,
  type JSONRPCMessage,
  type RequestId,
  WebStandardStreamableHTTPServerTransport,
  type WebStandardStreamableHTTPServerTransportOptions,
} from '@modelcontextprotocol/server'
import type { SessionClient } from './session-store.ts'

export class SessionTransport extends WebStandardStreamableHTTPServerTransport {
  readonly #name: string
  #introduced: (() => void) | undefined

  /** `name` must be unique among all exchanges of the session. */
  constructor(name: string, options: WebStandardStreamableHTTPServerTransportOptions) {
    super(options)
    this.#name = name
  }

  /** Tells the server who its client is, as if it had been there when the session began. */
  async introduce(client: SessionClient): Promise<void> {
    const introduced = new Promise<void>((resolve) => {
      this.#introduced = resolve
    })
    this.onmessage?.({ jsonrpc: '2.0', id: this.#name, method: 'initialize', params: client })
    await introduced
  }

  override async send(message: JSONRPCMessage, options?: { relatedRequestId?: RequestId }): Promise<void> {
    if (isJSONRPCResponse(message) && message.id === this.#name) this.#introduced?.()
    else if (isJSONRPCRequest(message)) await super.send({ ...message, id: this.#outside(message.id) }, options)
    else await super.send(this.#withOutsideId(message), options)
  }

  override async close(): Promise<void> {
    this.#introduced?.()
    await super.close()
  }

  /** Hands over an answer to something that was asked here; whether it was. */
  answer(message: JSONRPCMessage): boolean {
    if (!isJSONRPCResponse(message) || typeof message.id !== 'string') return false
    const own = `${this.#name}/`
    if (!message.id.startsWith(own)) return false
    this.onmessage?.({ ...message, id: Number(message.id.slice(own.length)) })
    return true
  }

  #outside(id: string | number): string {
    return `${this.#name}/${id}`
  }

  /** The server takes back what it asked under the name the client knows. */
  #withOutsideId(message: JSONRPCMessage): JSONRPCMessage {
    if (!('method' in message) || message.method !== 'notifications/cancelled') return message
    const asked = message.params?.['requestId'] as string | number
    return { ...message, params: { ...message.params, requestId: this.#outside(asked) } }
  }
}
