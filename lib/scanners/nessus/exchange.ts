/** One request to a scanner and its answer, as plain data. */
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Permit } from '../../base/permit.ts'

export interface ScannerRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  /** The path without ids and secrets, for metrics and messages. */
  readonly route: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: { readonly contentType: string; readonly bytes: Uint8Array }
  /** Asked when the connection stands and the request is about to be written. */
  readonly permit?: Permit | undefined
}

export interface ScannerAnswer {
  readonly status: number
  /** Empty when the scanner dropped the connection after an error status. */
  readonly text: string
  readonly retryAfter?: string
  /** Secrets that the request bore: not to be repeated, should the scanner echo them. */
  readonly bore?: readonly string[]
}

export interface RequestSeen {
  readonly scanner: string
  readonly method: string
  readonly route: string
  /** 0 when there was no answer. */
  readonly status: number
  readonly seconds: number
}

/** The body as it was before a proxy packed it: plain bytes are asked for, and not always sent. To be bounded by whoever reads: few bytes may unpack to many. */
export function unpacked(response: IncomingMessage): Readable {
  if (!/^(?:x-)?gzip$/i.test(response.headers['content-encoding'] ?? '')) return response
  const bytes = createGunzip()
  // What breaks the one breaks the other; whoever reads hears of it.
  pipeline(response, bytes, () => {})
  return bytes
}
