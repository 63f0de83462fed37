/** The file in a request: the body itself, or the one file of a multipart form; streamed, never held. */
import { Readable } from 'node:stream'
import { Busboy, type BusboyHeaders } from '@fastify/busboy'
import { Refusal } from '../../base/errors.ts'

const FIELDS_MAX = 20
const FIELD_BYTES_MAX = 10_000

/** Hands the file to `keep` and resolves with what it made of it, or throws what it threw. */
export function withUpload<T>(request: Request, keep: (file: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T> {
  if (!request.body) {
    throw new Refusal(
      'invalid_argument',
      'Send the .nessus file as the body, or as a multipart form: curl --data-binary @scan.nessus …',
    )
  }
  const body = Readable.fromWeb(request.body as Parameters<typeof Readable.fromWeb>[0])
  const type = request.headers.get('content-type') ?? ''
  return type.startsWith('multipart/form-data') ? fromForm(body, type, keep) : keep(body)
}

function fromForm<T>(body: Readable, type: string, keep: (file: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T> {
  const headers = { 'content-type': type } as BusboyHeaders
  const form = new Busboy({ headers, limits: { files: 1, fields: FIELDS_MAX, fieldSize: FIELD_BYTES_MAX } })
  return new Promise<T>((resolve, reject) => {
    let kept: Promise<T> | undefined
    const fail = (error: unknown) => {
      body.destroy()
      reject(error)
    }
    form.on('file', (_name, file) => {
      kept = keep(file)
      kept.catch(fail)
    })
    form.on('finish', () => {
      if (kept) kept.then(resolve, reject)
      else reject(new Refusal('invalid_argument', 'The form holds no file: curl -F file=@scan.nessus …'))
    })
    form.on('error', (error) =>
      fail(new Refusal('invalid_argument', `The multipart form cannot be read: ${String(error)}`)),
    )
    body.on('error', reject)
    body.pipe(form)
  })
}
