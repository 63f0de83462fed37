/** Reports as files, to and from a gateway: streamed both ways, so their size does not matter. */
import { defined } from '../base/defined.ts'
import type { ExportName } from '../facts/export-formats.ts'
import type { ProfileName } from '../facts/profiles.ts'
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
  /** As {@link download}, for the findings that match, written in a format. */
  export(taskId: string, asked: ResultsExport, signal?: AbortSignal): Promise<NativeReport>
}

/** What is to be written, of which findings. */
export interface ResultsExport {
  readonly format: ExportName
  /** Field to condition, as for get_scan_results. */
  readonly filters?: Readonly<Record<string, unknown>>
  readonly sort?: readonly string[]
  /** Of csv, xlsx and jsonl: the others have fields of their own. */
  readonly custom_fields?: readonly string[]
  readonly schema_profile?: ProfileName
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

  const bodyOf = async (
    url: URL,
    tool: string,
    args: Record<string, unknown>,
    signal: AbortSignal | undefined,
  ): Promise<NativeReport> => {
    const response = await request(url, signal ? { signal } : {}, tool, args)
    if (!response.body) throw new ToolError(tool, { code: 'internal', message: `${url.href} answered without a body.` })
    const length = Number(response.headers.get('content-length') ?? Number.NaN)
    const sizeBytes = Number.isFinite(length) ? length : undefined
    return { body: whole(response.body, sizeBytes, url.origin, signal), sizeBytes }
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

    download(taskId, signal) {
      const url = endpoint.beside(`scans/${encodeURIComponent(taskId)}/native`)
      return bodyOf(url, 'download_native_scan', { task_id: taskId }, signal)
    },

    export(taskId, asked, signal) {
      const url = endpoint.beside(`scans/${encodeURIComponent(taskId)}/results`)
      const { format, filters, sort, custom_fields: fields, schema_profile: profile } = asked
      const parameters = defined({
        format,
        filters: filters && JSON.stringify(filters),
        sort: sort?.join(','),
        custom_fields: fields?.join(','),
        schema_profile: profile,
      })
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
      return bodyOf(url, 'get_scan_results', { task_id: taskId }, signal)
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
