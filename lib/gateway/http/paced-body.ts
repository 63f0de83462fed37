/**
 * Turns pieces made on demand into a body that is read at the reader's pace.
 *
 *   P1. The first piece is made before anything is sent, so that what is wrong with the request becomes an answer and not a broken stream.
 *   P2. What ends early breaks the connection, and is never ended in order: a reader must not take half an answer for the whole.
 *   P3. A reader that takes nothing for a while is disconnected; what the pieces hold (a file, a place) is given back in every case.
 */
import type { GatewayBindings } from './environment.ts'

const STALL_MS = 60_000

export interface PacedOptions {
  /** How the connection can be cut; without it the reader learns of trouble by an error of the stream. */
  readonly connection?: GatewayBindings['outgoing'] | undefined
  readonly stallMs?: number
}

/** Throws what making the first piece throws. */
export async function pacedBody(
  pieces: AsyncGenerator<Uint8Array, void, void>,
  { connection, stallMs = STALL_MS }: PacedOptions = {},
): Promise<ReadableStream<Uint8Array>> {
  let next = await pieces.next()
  let stalled: NodeJS.Timeout | undefined
  const giveUp = (controller: ReadableStreamDefaultController, error: unknown) => {
    clearTimeout(stalled)
    connection?.destroy()
    controller.error(error)
    pieces.return().catch(() => {})
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(stalled)
        if (next.done) return controller.close()
        controller.enqueue(next.value)
        const late = () => giveUp(controller, new Error(`the reader took nothing for ${stallMs / 1000} s`))
        stalled = setTimeout(late, stallMs).unref()
        try {
          next = await pieces.next()
        } catch (error) {
          giveUp(controller, error)
        }
      },
      async cancel() {
        clearTimeout(stalled)
        await pieces.return()
      },
    },
    { highWaterMark: 1 },
  )
}

/** Texts as bytes; what is bytes already stays. */
export async function* encoded(
  pieces: AsyncGenerator<string | Uint8Array, void, void>,
): AsyncGenerator<Uint8Array, void, void> {
  const encoder = new TextEncoder()
  for await (const piece of pieces) yield typeof piece === 'string' ? encoder.encode(piece) : piece
}
