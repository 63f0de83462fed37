/**
 * The file of a multipart form (RFC 7578), as it comes in: pulled piece by piece
 * by whoever keeps it, so that a form which breaks off, lies about its boundary or
 * never ends is an exception like any other, and nothing is left waiting.
 *
 *   preamble (--boundary head body)* --boundary--
 *
 * Only the part with a file name is handed on. All that stands beside it is
 * counted, and may not be more than {@link BESIDE_BYTES_MAX}.
 */
import { Refusal } from '../../base/errors.ts'

const HEAD_BYTES_MAX = 16_384
const BESIDE_BYTES_MAX = 262_144
/** RFC 2046: one to seventy of these, the last not a space. */
const BOUNDARY = /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/
const HEAD_END = Buffer.from('\r\n\r\n')

/** The pieces of the file in `body`. Throws a Refusal when the form cannot be read, or holds no file or several. */
export async function* formFile(body: AsyncIterable<Uint8Array>, contentType: string): AsyncGenerator<Uint8Array> {
  const delimiter = Buffer.from(`\r\n--${boundaryOf(contentType)}`)
  const form = makeReading(body)
  let beside = 0
  const passOver = async (mark: Buffer) => {
    for await (const piece of form.until(mark)) {
      beside += piece.length
      if (beside > BESIDE_BYTES_MAX) throw unreadable(`more than ${BESIDE_BYTES_MAX} bytes stand beside the file`)
    }
  }
  try {
    await passOver(delimiter)
    let files = 0
    while (!(await form.begins('--'))) {
      const head = await form.text(HEAD_END, HEAD_BYTES_MAX)
      beside += head.length
      if (!isFile(head)) await passOver(delimiter)
      else if (++files > 1) throw unreadable('it holds several files, and one is taken')
      else yield* form.until(delimiter)
    }
    await passOver(END)
    if (files === 0) throw new Refusal('invalid_argument', 'The form holds no file: curl -F file=@scan.nessus …')
  } finally {
    await form.leave()
  }
}

/** Nothing that a body holds: passes over the rest of it. */
const END = Buffer.alloc(0)

/** What stands between two marks of a body, never holding more of it than one piece and a mark. */
function makeReading(body: AsyncIterable<Uint8Array>) {
  const source = body[Symbol.asyncIterator]()
  // The first delimiter need not follow a line end: with one in front, all are alike.
  let held: Buffer = Buffer.from('\r\n')
  const more = async () => {
    const { done, value } = await source.next()
    if (!done) held = held.length === 0 ? Buffer.from(value) : Buffer.concat([held, value])
    return !done
  }
  async function* until(mark: Buffer): AsyncGenerator<Buffer> {
    const toTheEnd = mark === END
    for (;;) {
      const at = toTheEnd ? -1 : held.indexOf(mark)
      const sure = at >= 0 ? at : Math.max(0, held.length - Math.max(0, mark.length - 1))
      const piece = held.subarray(0, sure)
      held = held.subarray(at >= 0 ? at + mark.length : sure)
      if (piece.length > 0) yield piece
      if (at >= 0) return
      if (await more()) continue
      if (toTheEnd) return
      throw unreadable('it breaks off before its last boundary')
    }
  }
  return {
    until,

    async text(mark: Buffer, bytesMax: number): Promise<string> {
      const pieces: Buffer[] = []
      let bytes = 0
      for await (const piece of until(mark)) {
        pieces.push(piece)
        bytes += piece.length
        if (bytes > bytesMax) throw unreadable(`the head of a part has more than ${bytesMax} bytes`)
      }
      return Buffer.concat(pieces).toString()
    },

    /** Whether `text` comes next; it is passed over if so. */
    async begins(text: string): Promise<boolean> {
      while (held.length < text.length) if (!(await more())) throw unreadable('it breaks off within a boundary')
      if (!held.subarray(0, text.length).equals(Buffer.from(text))) return false
      held = held.subarray(text.length)
      return true
    },

    async leave() {
      await source.return?.()
    },
  }
}

function boundaryOf(contentType: string): string {
  for (const parameter of contentType.split(';').slice(1)) {
    const equals = parameter.indexOf('=')
    if (parameter.slice(0, equals).trim().toLowerCase() !== 'boundary') continue
    const value = parameter.slice(equals + 1).trim()
    const bare = value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value
    if (BOUNDARY.test(bare)) return bare
  }
  throw unreadable('its Content-Type must name a boundary of 1 to 70 characters')
}

function isFile(head: string): boolean {
  return head
    .split('\r\n')
    .some((line) => /^content-disposition:/i.test(line) && /;\s{0,9}filename\*?\s{0,9}=/i.test(line))
}

function unreadable(why: string): Refusal {
  return new Refusal('invalid_argument', `The multipart form cannot be read: ${why}. Nothing was kept.`)
}
