/**
 * A private key as the scanner takes it, from what people send: a key that merely
 * lost its line ends is mended, anything else is told for what it is. No message
 * repeats any of it.
 */

const LINE_CHARS = 64
const LABEL = /-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY)-----/
/** Either alphabet. */
const BASE64 = /^[A-Za-z0-9+/=_\-\s]*$/
/** How the base64 of a whole PEM file begins, and that of the inside of an OpenSSH key. */
const ENCODED_PEM = 'LS0tLS1CRUdJTi'
const OPENSSH_INSIDE = 'b3BlbnNzaC1rZXktdjE'
const PATH_CHARS_MAX = 4096

const EXPECTED = 'expected a private key as PEM, from its line -----BEGIN … PRIVATE KEY----- to its END line'

export type PrivateKey =
  | { readonly key: string; readonly encrypted: boolean }
  /** What was expected and what came, in words. */
  | { readonly problem: string }

/** Reads `text`; what is mended ends with a line end, what was whole stays as it came. */
export function readPrivateKey(text: string): PrivateKey {
  const plain = unwrapped(text)
  const [begin, label] = LABEL.exec(plain) ?? []
  if (begin === undefined || label === undefined)
    return encoded(plain) ?? { problem: `${EXPECTED}, got ${whatCame(plain)}` }
  const end = `-----END ${label}-----`
  const from = plain.indexOf(begin) + begin.length
  const to = plain.indexOf(end, from)
  if (to === -1) return { problem: `${EXPECTED}, got one that is cut: its END line is missing, or is another kind's` }
  const inside = plain.slice(from, to)
  const { headers, body } = partsOf(inside)
  if (body.trim() === '') return { problem: `${EXPECTED}, got one with nothing inside` }
  if (!BASE64.test(body))
    return { problem: `${EXPECTED}, got one whose inside is not base64: it was changed on its way` }
  const encrypted = label.includes('ENCRYPTED') || headers.some((line) => /ENCRYPTED/.test(line)) || isLocked(body)
  const inLines = inside.trim().includes('\n') || body.trim().length <= LINE_CHARS
  const isWhole = plain.startsWith(begin) && inLines && inside.startsWith('\n') && /\n[ \t]*$/.test(inside)
  if (isWhole) return { key: plain === text.trim() ? text : `${plain}\n`, encrypted }
  const folded = body.replace(/\s+/g, '').match(new RegExp(`.{1,${LINE_CHARS}}`, 'g')) ?? []
  const blank = headers.length > 0 ? [...headers, ''] : []
  return { key: [begin, ...blank, ...folded, end, ''].join('\n'), encrypted }
}

/** For what must not hold one, since it is shown. */
export function holdsPrivateKey(value: unknown): boolean {
  return typeof value === 'string' && LABEL.test(value)
}

/** Without what programs put around it: a mark of its encoding, quotes, line ends written as two characters, other systems' line ends, indentation. */
function unwrapped(text: string): string {
  const bare = text.replace(/^\uFEFF/, '').trim()
  const unquoted = /^"[^"]*"$/.test(bare) || /^'[^']*'$/.test(bare) ? bare.slice(1, -1).trim() : bare
  const lines = unquoted.includes('\n') ? unquoted : unquoted.replace(/\\r/g, '').replace(/\\n/g, '\n')
  return lines
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
    .trim()
}

/** The headers of an encrypted key of the older form, which may have come on one line with all the rest. */
function partsOf(inside: string): { readonly headers: readonly string[]; readonly body: string } {
  // Where nothing parts them, only the cipher says how long its number is.
  const number = '(?:(?:AES|CAMELLIA)[A-Za-z0-9-]{1,40},[0-9A-Fa-f]{32}|[A-Za-z0-9-]{1,40},[0-9A-Fa-f]{16})'
  const found = new RegExp(`Proc-Type:\\s*4,ENCRYPTED\\s*DEK-Info:\\s*(${number})`).exec(inside)
  if (!found) return { headers: [], body: inside }
  const body = inside.slice(found.index + found[0].length)
  return { headers: ['Proc-Type: 4,ENCRYPTED', `DEK-Info: ${found[1]}`], body }
}

/** Whether an OpenSSH key names a cipher. */
function isLocked(body: string): boolean {
  const bytes = Buffer.from(body.replace(/\s+/g, '').slice(0, 200), 'base64')
  const magic = 'openssh-key-v1\0'
  if (bytes.length < magic.length + 8 || bytes.toString('latin1', 0, magic.length) !== magic) return false
  const chars = bytes.readUInt32BE(magic.length)
  return bytes.toString('latin1', magic.length + 4, magic.length + 4 + chars) !== 'none'
}

/** A key that was packed once more: a whole file as base64, or an OpenSSH key without its first and last line. */
function encoded(plain: string): PrivateKey | undefined {
  if (!BASE64.test(plain)) return undefined
  const packed = plain.replace(/\s+/g, '')
  if (packed.startsWith(OPENSSH_INSIDE)) {
    return readPrivateKey(`-----BEGIN OPENSSH PRIVATE KEY-----${packed}-----END OPENSSH PRIVATE KEY-----`)
  }
  if (!packed.startsWith(ENCODED_PEM)) return undefined
  const inner = Buffer.from(packed, 'base64').toString('utf8')
  // Unpacked once, for each packing makes it longer.
  return LABEL.test(inner) ? readPrivateKey(inner) : undefined
}

function whatCame(plain: string): string {
  const oneLine = !plain.includes('\n') && plain.length <= PATH_CHARS_MAX
  if (/-cert-v\d\d@openssh\.com|-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/.test(plain)) {
    return 'a certificate; it goes into certificate, beside the private key that belongs to it'
  }
  if (/^(?:ssh-|ecdsa-sha2-|sk-)[\w.@-]+\s+AAAA|BEGIN (?:SSH2 |RSA |EC |DSA )?PUBLIC KEY/.test(plain)) {
    return 'a public key; send the private one, the file whose name does not end in .pub'
  }
  if (plain.startsWith('PuTTY-User-Key-File')) {
    return 'a key of PuTTY; convert it first: puttygen key.ppk -O private-openssh -o key.pem'
  }
  if (
    oneLine &&
    /^(?:~|\.{0,2}[\\/]|[A-Za-z]:[\\/]|file:|\$\{?\w)|\.(?:pem|key|ppk|pub|openssh)$|^id_\w+$/.test(plain)
  ) {
    return 'the path of a file; send what is in the file'
  }
  return 'another text'
}
