/** The file in a request: the body itself, or the one file of a multipart form; streamed, never held. */
import { Refusal } from '../../base/errors.ts'
import { withTimeLimit } from '../../base/time-limit.ts'
import { formFile } from './form-file.ts'

/** A client that sends nothing for so long has left, whatever its connection says. */
const SILENCE_MS = 60_000

/** The file's pieces, to be read once. Throws a Refusal when there is no body; so does reading when it breaks off or is no form. */
export function uploadedFile(request: Request, silenceMs = SILENCE_MS): AsyncIterable<Uint8Array> {
  if (!request.body) {
    throw new Refusal(
      'invalid_argument',
      'Send the .nessus file as the body, or as a multipart form: curl --data-binary @scan.nessus …',
    )
  }
  const body = arriving(request.body, silenceMs)
  const type = request.headers.get('content-type') ?? ''
  return /^\s{0,9}multipart\/form-data\s{0,9}(;|$)/i.test(type) ? formFile(body, type) : body
}

/** The pieces as they come; an end that is none is told as a refusal. */
async function* arriving(body: ReadableStream<Uint8Array>, silenceMs: number): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  const silent = () => new Error(`nothing came for ${silenceMs / 1000} s`)
  try {
    for (;;) {
      const { done, value } = await withTimeLimit(reader.read(), silenceMs, silent)
      if (done) return
      yield value
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Refusal('invalid_argument', `The upload broke off (${why}). Nothing was kept: send it again.`)
  } finally {
    // Whoever stops early, or heard nothing, wants no more of it.
    reader.cancel().catch(() => {})
  }
}
