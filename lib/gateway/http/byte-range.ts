/** One range of a `Range` header (RFC 9110): `bytes=0-99`, `bytes=100-`, `bytes=-100`. */
export type ByteRange = { readonly start: number; readonly end: number } | 'unsatisfiable' | undefined

/** `undefined` when the whole is to be sent: no header, another unit, several ranges, or one that cannot be read. */
export function byteRange(header: string | undefined, sizeBytes: number): ByteRange {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  const [, from = '', to = ''] = match
  if (from === '') {
    const length = Math.min(Number(to), sizeBytes)
    return length === 0 ? 'unsatisfiable' : { start: sizeBytes - length, end: sizeBytes - 1 }
  }
  const start = Number(from)
  const end = to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1)
  if (start >= sizeBytes) return 'unsatisfiable'
  return end < start ? undefined : { start, end }
}
