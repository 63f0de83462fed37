/**
 * Turns pieces of text made on demand into a body that is read at the reader's
 * pace. The first piece is made before anything is sent, so that what is wrong
 * with the request becomes an answer and not a broken stream.
 */
export async function streamText(pieces: AsyncGenerator<string, void, void>): Promise<ReadableStream<Uint8Array>> {
  const encoder = new TextEncoder()
  let next = await pieces.next()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (next.done) return controller.close()
        controller.enqueue(encoder.encode(next.value))
        next = await pieces.next()
      },
      async cancel() {
        await pieces.return()
      },
    },
    { highWaterMark: 1 },
  )
}
