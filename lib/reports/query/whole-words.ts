/** Matches names of software, accounts and the like by whole words: `acl` is no part of `libacl1`, but one of `acl-utils`. */

const CHARS_MAX = 1000
const LETTER = /[\p{L}\p{N}]/u

/** `acl` as whole words, `=acl` the whole name, `*acl*`, `acl*`, `*acl` a part of it; `undefined` for anything else. */
export function wordsMatcher(value: unknown): ((came: unknown) => boolean) | undefined {
  if (typeof value !== 'string' || value.length > CHARS_MAX) return undefined
  const wanted = value.trim().toLowerCase()
  if (wanted === '' || /^(?:!=|[<>])/.test(wanted)) return undefined
  if (wanted.startsWith('=')) {
    const whole = wanted.slice(1).trim()
    return (came) => String(came).toLowerCase() === whole
  }
  if (!wanted.includes('*')) return (came) => hasWords(String(came).toLowerCase(), wanted)
  const part = wanted.replace(/^\*/, '').replace(/\*$/, '')
  if (part === '' || part.includes('*')) return undefined
  const [fromStart, toEnd] = [!wanted.startsWith('*'), !wanted.endsWith('*')]
  return (came) => {
    const text = String(came).toLowerCase()
    return fromStart ? text.startsWith(part) : toEnd ? text.endsWith(part) : text.includes(part)
  }
}

function hasWords(text: string, wanted: string): boolean {
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const open = !LETTER.test(wanted[0] ?? '') || !LETTER.test(text[at - 1] ?? ' ')
    const close = !LETTER.test(wanted.at(-1) ?? '') || !LETTER.test(text[at + wanted.length] ?? ' ')
    if (open && close) return true
  }
  return false
}
