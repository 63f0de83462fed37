/**
 * A transport that tells when an answer broke off. The SDK's own waits for the
 * rest of an answer whose stream has ended until the call's time is over; here
 * the call hears of it at once, as an error of the protocol with a code of ours.
 */
import { type StreamableHTTPClientTransport } from '@modelcontextprotocol/client'

/** In the range that JSON-RPC leaves to implementations; never sent over the network. */
export const ANSWER_BROKE_OFF = -32_099

type Send = StreamableHTTPClientTransport['send']

/** `transport`, which it changes. An answer that had come whole before its stream ended stays what it is. */
export function tellingBreaks(transport: StreamableHTTPClientTransport): StreamableHTTPClientTransport {
  const send: Send = transport.send.bind(transport)
  transport.send = (message, options) => {
    const asked = Array.isArray(message) || !('id' in message) || !('method' in message) ? undefined : message.id
    if (asked === undefined) return send(message, options)
    const onRequestStreamEnd = () => {
      options?.onRequestStreamEnd?.()
      const error = { code: ANSWER_BROKE_OFF, message: 'the connection broke before the whole answer came' }
      transport.onmessage?.({ jsonrpc: '2.0', id: asked, error })
    }
    return send(message, { ...options, onRequestStreamEnd })
  }
  return transport
}
