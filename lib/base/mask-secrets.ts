/**
 * Takes known secrets out of a text, in whatever encoding the other side repeats them.
 *
 * | encoding | how it is found |
 * |---|---|
 * | as it is | looked for |
 * | JSON, once or twice (`\"`, `\\`, `\/`, `\u0022`, `\x22`), URL (`%22`, `+`), HTML (`&quot;` `&#34;` `&#x22;`), and these within each other | the text is decoded, each part remembering where it stood |
 * | base64 and base64url, also within a longer one (`user:password`), and hex | the secret is encoded and looked for |
 *
 * What is found is masked where it stands; the rest of the text stays to the letter.
 */

export const MASK = '***'
/** Decodings one within another. */
const DEPTH_MAX = 3
/** Shorter than this, an encoded form is found anywhere. */
const ENCODED_CHARS_MIN = 4

interface Decoded {
  readonly text: string
  /** Where in the original each character begins; one more for the end. */
  readonly places: readonly number[]
}

interface Coding {
  /** The encoded piece, sticky; a first group that is set is what it stands for. */
  readonly pattern: RegExp
  readonly decode: (piece: string) => string
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }
const ENTITIES: Readonly<Record<string, string>> = { quot: '"', apos: "'", amp: '&', lt: '<', gt: '>', nbsp: ' ' }

const CODINGS: readonly Coding[] = [
  {
    pattern: /\\(?:u\{[0-9a-f]{1,6}\}|u[0-9a-f]{4}|x[0-9a-f]{2}|[^ux])/giy,
    decode(piece) {
      const code = /[0-9a-f]{2,6}/i.exec(piece.slice(2))?.[0]
      if (code !== undefined && /^\\[ux]/i.test(piece)) return character(Number.parseInt(code, 16))
      return ESCAPES[piece[1]!] ?? piece[1]!
    },
  },
  {
    pattern: /(?:%[0-9a-f]{2})+|\+/giy,
    decode: (piece) => (piece === '+' ? ' ' : Buffer.from(piece.replaceAll('%', ''), 'hex').toString('utf8')),
  },
  {
    pattern: /&(?:#\d{1,7}|#x[0-9a-f]{1,6}|quot|apos|amp|lt|gt|nbsp);/giy,
    decode(piece) {
      const name = piece.slice(1, -1).toLowerCase()
      if (name.startsWith('#x')) return character(Number.parseInt(name.slice(2), 16))
      return name.startsWith('#') ? character(Number(name.slice(1))) : ENTITIES[name]!
    },
  },
]

/** `text` with each of `secrets` masked. Takes time in proportion to the text, a few dozen times over: cut a long one before. */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  const wanted = [...new Set(secrets.filter((secret) => secret !== ''))]
  if (wanted.length === 0) return text
  const found: [from: number, to: number][] = []
  const note = ({ text: where, places }: Decoded, forms: readonly string[]) => {
    for (const form of forms) {
      for (let at = where.indexOf(form); at >= 0; at = where.indexOf(form, at + form.length)) {
        found.push([places[at]!, places[at + form.length]!])
      }
    }
  }
  const forms = [...new Set(wanted.flatMap((secret) => [secret, ...encodings(secret)]))]
  const start: Decoded = { text, places: Array.from({ length: text.length + 1 }, (_, at) => at) }
  note(start, forms)
  let layer = [start]
  for (let depth = 0; depth < DEPTH_MAX; depth++) {
    layer = layer.flatMap((each) => CODINGS.flatMap((coding) => decoded(each, coding) ?? []))
    for (const each of layer) note(each, forms)
  }
  return masked(text, found)
}

function masked(text: string, found: [number, number][]): string {
  let result = ''
  let end = 0
  for (const [from, to] of found.sort((a, b) => a[0] - b[0])) {
    if (from >= end) result += text.slice(end, from) + MASK
    end = Math.max(end, to)
  }
  return result + text.slice(end)
}

/** `undefined` when nothing in it is coded so. */
function decoded({ text, places }: Decoded, { pattern, decode }: Coding): Decoded | undefined {
  let result = ''
  const where: number[] = []
  let changed = false
  for (let at = 0; at < text.length;) {
    pattern.lastIndex = at
    const piece = pattern.exec(text)?.[0]
    const stands = piece === undefined ? text[at]! : decode(piece)
    for (let unit = 0; unit < stands.length; unit++) where.push(places[at]!)
    result += stands
    changed ||= piece !== undefined
    at += piece?.length ?? 1
  }
  where.push(places[text.length]!)
  return changed ? { text: result, places: where } : undefined
}

/** The secret as the middle of a base64 text, at each of the three places where it can begin, and as hex. */
function encodings(secret: string): string[] {
  const bytes = Buffer.from(secret)
  if (bytes.length < ENCODED_CHARS_MIN) return []
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '')
    // The outermost characters hold bits of what stands beside it.
    const first = before === 0 ? 0 : before + 1
    return text.slice(first, (before + bytes.length) % 3 === 0 ? undefined : -1)
  })
  const urls = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))
  const hex = bytes.toString('hex')
  return [...base64, ...urls, hex, hex.toUpperCase()]
}

function character(code: number): string {
  return code <= 0x10_ffff ? String.fromCodePoint(code) : '\uFFFD'
}
