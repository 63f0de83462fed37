/**
 * Bytes to text, as XML wants it: byte-order mark, then the shape of the first
 * bytes, then the encoding declaration, then UTF-8. A chunk may end anywhere,
 * inside a character too. ASCII, which is nearly all of a report, takes a fast way.
 */
import { isAscii, isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'
import { PermanentError } from '../../base/errors.ts'
import { refuseWrongFile } from './wrong-file.ts'
import { BAD_BYTE } from './xml-repairs.ts'

/** Enough for a comment in front of the declaration, and for what tells archives apart. */
const SNIFF_BYTES = 1024

export interface XmlDecoder {
  /** The text that `bytes` complete. Bytes that are not in the encoding come as {@link BAD_BYTE}. */
  write(bytes: Uint8Array): string
  end(): string
}

export function makeXmlDecoder(): XmlDecoder {
  let head: Buffer | undefined = Buffer.alloc(0)
  let inner: XmlDecoder | undefined
  const start = (bytes: Buffer): string => {
    inner = decoderFor(bytes)
    head = undefined
    return inner.write(bytes)
  }
  return {
    write(bytes) {
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      if (inner) return inner.write(buffer)
      head = Buffer.concat([head ?? Buffer.alloc(0), buffer])
      return head.length < SNIFF_BYTES ? '' : start(head)
    },
    end() {
      if (inner) return inner.end()
      if (!head || head.length === 0) throw new PermanentError('the file is empty; export the report again')
      const text = start(head)
      return text + decoderEnd(inner)
    },
  }
}

const decoderEnd = (decoder: XmlDecoder | undefined): string => decoder?.end() ?? ''

function decoderFor(head: Buffer): XmlDecoder {
  const hex = head.subarray(0, 4).toString('hex')
  if (hex === '0000feff' || hex === 'fffe0000' || hex === '0000003c' || hex === '3c000000') {
    throw new PermanentError('the file is UTF-32, which is not supported; save it as UTF-8')
  }
  if (hex.startsWith('efbbbf')) {
    refuseWrongFile(head)
    return utf8Decoder()
  }
  if (hex.startsWith('fffe') || hex.startsWith('3c00')) return labelDecoder('utf-16le')
  if (hex.startsWith('feff') || hex.startsWith('003c')) return labelDecoder('utf-16be')
  refuseWrongFile(head)
  const declaration = /^(?:\s|<!--[\s\S]*?-->)*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/.exec(
    head.toString('latin1', 0, SNIFF_BYTES),
  )
  const label = declaration?.[1]?.toLowerCase() ?? 'utf-8'
  if (label === 'utf-8' || label === 'utf8' || label === 'us-ascii' || label === 'ascii') return utf8Decoder()
  if (label.startsWith('utf-16') || label.startsWith('ucs-2') || label.startsWith('iso-10646')) {
    throw new PermanentError(`the file declares ${label} but its bytes are not; correct the declaration`)
  }
  return labelDecoder(label)
}

function labelDecoder(label: string): XmlDecoder {
  let decoder: TextDecoder
  try {
    decoder = new TextDecoder(label)
  } catch {
    throw new PermanentError(`the file declares the unknown encoding ${label}; save it as UTF-8`)
  }
  const decode = (bytes?: Uint8Array): string =>
    (bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode()).replaceAll('\ufffd', BAD_BYTE)
  return { write: decode, end: () => decode() }
}

function utf8Decoder(): XmlDecoder {
  let carry = Buffer.alloc(0)
  let first = true
  const decode = (bytes: Buffer): string => {
    if (isAscii(bytes)) return bytes.toString('latin1')
    return isUtf8(bytes) ? bytes.toString('utf8') : markedText(bytes)
  }
  const write = (bytes: Uint8Array): string => {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const joined = carry.length > 0 ? Buffer.concat([carry, chunk]) : chunk
    const whole = completeLength(joined)
    // Copied: the caller may reuse its buffer for the next read.
    carry = Buffer.from(joined.subarray(whole))
    const text = decode(joined.subarray(0, whole))
    if (!first || text === '') return text
    first = false
    return text.startsWith('\ufeff') ? text.slice(1) : text
  }
  return { write, end: () => (carry.length > 0 ? decode(carry) : '') }
}

/** How many bytes of `bytes` end on a character: at most three are held back. */
function completeLength(bytes: Buffer): number {
  const end = bytes.length
  for (let back = 1; back <= 3 && back <= end; back++) {
    const byte = bytes[end - back] ?? 0
    if (byte < 0x80) return end
    if (byte >= 0xc0) {
      const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      return needs > back ? end - back : end
    }
  }
  return end
}

/** A U+FFFD that the file itself holds stays; those that stand for bad bytes are marked. */
function markedText(bytes: Buffer): string {
  const parts: string[] = []
  let from = 0
  for (let at = bytes.indexOf('\ufffd'); at >= 0; at = bytes.indexOf('\ufffd', from)) {
    parts.push(bytes.toString('utf8', from, at))
    from = at + 3
  }
  parts.push(bytes.toString('utf8', from))
  return parts.map((part) => part.replaceAll('\ufffd', BAD_BYTE)).join('\ufffd')
}
