/** Reports as files, to and from a gateway: streamed both ways, so their size does not matter. */
import { ConnectionError, ToolError } from './errors.ts'
import type { Endpoint } from './endpoint.ts'
import type { ScanImported } from './tool-results.ts'
import { fromAnswer, unreachable } from './translate.ts'

export interface FilesOptions {
  readonly endpoint: Endpoint
  readonly token?: string | undefined
  readonly fetch: typeof fetch
}

/** A report to be imported: `.nessus`, gzip of one, or a zip that holds one. */
export interface ReportUpload {
  readonly body: AsyncIterable<Uint8Array> | Blob
  /** Name of the scan. Default: the name in the report. */
  readonly name?: string
  readonly signal?: AbortSignal
  /** How long all of it may take. Default: an hour. */
  readonly timeoutMs?: number
}

export interface NativeReport {
  /** Ends when the report is whole; throws ConnectionError when it breaks off before. */
  readonly body: AsyncIterable<Uint8Array>
  readonly sizeBytes: number | undefined
}

export interface GatewayFiles {
  /** Throws ToolError when the file is no report, ConnectionError when the upload broke off: nothing is left then. */
  upload(report: ReportUpload): Promise<ScanImported>
  /** Throws TaskNotFoundError, or ToolError `not_ready` when the scan has no report. */
  download(taskId: string, signal?: AbortSignal): Promise<NativeReport>
}

export function makeGatewayFiles({ endpoint, token, fetch }: FilesOptions): GatewayFiles {
  const request = async (
    url: URL,
    init: RequestInit & { duplex?: 'half' },
    tool: string,
    args: Record<string, unknown>,
  ) => {
    const signal = init.signal ?? undefined
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
    let response: Response
    try {
      response = await fetch(url, { ...init, headers, redirect: 'error' })
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      throw unreachable(url.origin, error)
    }
    if (response.ok) return response
    throw fromAnswer(response.status, await response.text().catch(() => ''), { url: url.origin, tool, args, signal })
  }

  return {
    async upload({ body, name, signal }) {
      const url = endpoint.beside('scans/import')
      if (name !== undefined) url.searchParams.set('name', name)
      const stream = body instanceof Blob ? body : ReadableStream.from(body)
      const init = { method: 'POST', body: stream, duplex: 'half' as const, ...(signal ? { signal } : {}) }
      const response = await request(url, init, 'import_scan', {})
      try {
        return (await response.json()) as ScanImported
      } catch (cause) {
        throw new ConnectionError(url.origin, `The gateway at ${url.origin} broke off its answer to the import.`, {
          cause,
        })
      }
    },

    async download(taskId, signal) {
      const url = endpoint.beside(`scans/${encodeURIComponent(taskId)}/native`)
      const response = await request(url, signal ? { signal } : {}, 'download_native_scan', { task_id: taskId })
      if (!response.body)
        throw new ToolError('download_native_scan', {
          code: 'internal',
          message: `${url.href} answered without a body.`,
        })
      const length = Number(response.headers.get('content-length') ?? Number.NaN)
      const sizeBytes = Number.isFinite(length) ? length : undefined
      return { body: whole(response.body, sizeBytes, url.origin, signal), sizeBytes }
    },
  }
}

/** The pieces of a body, which must not end before its stated length. */
async function* whole(
  body: AsyncIterable<Uint8Array>,
  sizeBytes: number | undefined,
  origin: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  let bytes = 0
  const brokenOff = (cause?: unknown) => {
    const of = sizeBytes === undefined ? '' : ` of ${sizeBytes}`
    return new ConnectionError(origin, `The gateway at ${origin} broke off the download after ${bytes}${of} bytes.`, {
      cause,
    })
  }
  try {
    for await (const piece of body) {
      bytes += piece.byteLength
      yield piece
    }
  } catch (error) {
    throw signal?.aborted ? signal.reason : brokenOff(error)
  }
  if (sizeBytes !== undefined && bytes !== sizeBytes) throw brokenOff()
}
