/**
 * A name as people look for it, in any case: a part of it, or with `*` (any text) the whole of it. Read from left to right
 * once, so that no pattern is slow.
 */
export function namePattern(pattern: string): (name: string) => boolean {
  const wanted = pattern.toLowerCase()
  if (!wanted.includes('*')) return (name) => name.toLowerCase().includes(wanted)
  const [first = '', ...rest] = wanted.split('*')
  const last = rest.pop() ?? ''
  return (name) => {
    const text = name.toLowerCase()
    if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false
    let at = first.length
    const end = text.length - last.length
    for (const part of rest) {
      const found = text.indexOf(part, at)
      if (found < 0 || found + part.length > end) return false
      at = found + part.length
    }
    return true
  }
}
