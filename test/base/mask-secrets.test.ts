/** A known secret is masked in whatever coat the other side repeats it. */
import { describe, expect, test } from 'vitest'
import { maskSecrets } from '../../lib/base/mask-secrets.ts'

const SECRETS = [
  'hunter2-plain',
  'pa"ss\\wo/rd',
  "tür<&>'schlüssel",
  'a b+c%41d',
  '€uro\u{1F511}key',
  'line\nbreak\ttab',
  'abcde',
  'abcdef',
  'abcdefg',
]

const json = (text: string) => JSON.stringify(text).slice(1, -1)
const units = (text: string, write: (unit: number) => string) =>
  Array.from({ length: text.length }, (_, at) => write(text.charCodeAt(at))).join('')
const hex4 = (unit: number) => unit.toString(16).padStart(4, '0')
const html = (text: string) =>
  text.replace(/[&<>"']/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c]!)
const points = (text: string, write: (point: number) => string) =>
  Array.from(text, (each) => write(each.codePointAt(0)!)).join('')

const COATS: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  JSON: json,
  'JSON in JSON': (text) => json(json(text)),
  'JSON in JSON in JSON': (text) => json(json(json(text))),
  'JSON with escaped slashes': (text) => json(text).replaceAll('/', '\\/'),
  'JSON all escaped': (text) => units(text, (unit) => `\\u${hex4(unit)}`),
  'JSON all escaped, upper case': (text) => units(text, (unit) => `\\u${hex4(unit).toUpperCase()}`),
  'JSON, ASCII only': (text) =>
    units(json(text), (unit) => (unit > 126 ? `\\u${hex4(unit)}` : String.fromCharCode(unit))),
  'a URL': encodeURIComponent,
  'a URL in lower case': (text) => encodeURIComponent(text).replace(/%[0-9A-F]{2}/g, (piece) => piece.toLowerCase()),
  'a form': (text) => new URLSearchParams({ x: text }).toString().slice(2),
  'a URL, all of it': (text) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  'a URL twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  HTML: html,
  'HTML in numbers': (text) => points(text, (point) => `&#${point};`),
  'HTML in hex': (text) => points(text, (point) => `&#x${point.toString(16)};`),
  'HTML in JSON': (text) => json(html(text)),
  'JSON in HTML': (text) => html(json(text)),
  'a URL in JSON': (text) => json(encodeURIComponent(text)),
  base64: (text) => Buffer.from(text).toString('base64'),
  base64url: (text) => Buffer.from(text).toString('base64url'),
  'base64 after one': (text) => Buffer.from(`u:${text}`).toString('base64'),
  'base64 after two': (text) => Buffer.from(`us:${text}:x`).toString('base64'),
  'base64 within': (text) => Buffer.from(`user:${text}:more`).toString('base64'),
  hex: (text) => Buffer.from(text).toString('hex'),
  HEX: (text) => Buffer.from(text).toString('hex').toUpperCase(),
}

describe.each(Object.keys(COATS))('%s', (name) => {
  test.each(SECRETS)('hides %j', (secret) => {
    const coated = COATS[name]!(secret)
    const shown = maskSecrets(`Invalid value (${coated}) given`, SECRETS)
    expect(shown).toMatch(/^Invalid value \(.*\*\*\*.*\) given$/s)
    // Of base64, the outermost characters may stay: they hold bits of what stands beside it.
    expect(shown.length).toBeLessThan('Invalid value (***) given'.length + 20)
    expect(shown).not.toContain(coated)
  })
})

test('what is no secret stays to the letter', () => {
  const text = 'a "quoted" \\path 100% &amp; +1 \\u0041 %41 &#65; and *** already'
  expect(maskSecrets(text, ['hunter2', ''])).toBe(text)
  expect(maskSecrets(text, [])).toBe(text)
})

test('each of several is masked, and what overlaps is masked once', () => {
  expect(maskSecrets('one two onetwo', ['one', 'onetwo'])).toBe('*** two ***')
})

test('a text of nothing but escapes is read in time', () => {
  const text = `${'\\'.repeat(20_000)}${'%25'.repeat(5000)}${'&amp;'.repeat(1000)}`
  expect(maskSecrets(text, ['hunter2'])).toBe(text)
})
