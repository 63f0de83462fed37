/** Bounds a stream of bytes. */
import { Refusal } from '../../base/errors.ts'

export type Bytes = AsyncIterable<Uint8Array>

/** Passes `stream` on and throws once more than `bytesMax` have come. */
export async function* atMost(stream: Bytes, bytesMax: number): AsyncGenerator<Uint8Array, void, void> {
  let bytes = 0
  for await (const chunk of stream) {
    bytes += chunk.length
    if (bytes > bytesMax) {
      throw new Refusal('too_large', `the report is larger than ${bytesMax} bytes; raise the limit or split the scan`, {
        bytes_max: bytesMax,
      })
    }
    yield chunk
  }
}
