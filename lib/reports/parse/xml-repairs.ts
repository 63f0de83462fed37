/**
 * Mends what one bad byte can do to a whole report, and remembers it: characters
 * and references that XML forbids become U+FFFD, and what stands before the
 * declaration is passed over. Clean text, which is nearly all, is returned as it is.
 *
 * Works on the decoded text, in chunks of any size. A decoder marks bytes that
 * are not in its encoding with {@link BAD_BYTE}.
 */

/** Forbidden in XML itself, so it never stands for itself. */
export const BAD_BYTE = '\ufffe'
const MARK = '\ufffd'
const PLACES_MAX = 5
/** A reference is held back until it is whole: none that means anything is longer. */
const REFERENCE_CHARS_MAX = 12
const HEAD_CHARS_MAX = 64 * 1024

/** With the flag `u`, the surrogates that are meant are those without their other half. */
const FORBIDDEN_SOURCE = '[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\ud800-\\udfff\\ufffe\\uffff]'
const FORBIDDEN = new RegExp(FORBIDDEN_SOURCE, 'u')
/** CDATA holds no references: it is met, so that it can be passed over. */
const TROUBLE = new RegExp(`<!\\[CDATA\\[|\\]\\]>|&#(?:x[0-9a-fA-F]*|[0-9]*);|${FORBIDDEN_SOURCE}`, 'gu')

export interface XmlRepairs {
  /** `text` mended, as far as it is whole. `lineNow` is where all that was returned before ends, asked only when something is bad. */
  write(text: string, lineNow: () => number): string
  end(lineNow: () => number): string
  /** Forgets repairs behind character `offset` of all that was returned: they are behind the end of the report. */
  forgetAfter(offset: number): void
  /** Lines passed over before the declaration: a parser counts without them. */
  readonly linesBefore: number
  /** What was mended, in sentences. */
  said(): string[]
}

interface Repair {
  readonly offset: number
  readonly line: number
}

export function makeXmlRepairs(): XmlRepairs {
  const mender = makeMender()
  let carry = ''
  let head: string | undefined = ''
  let linesBefore = 0
  let prefixed = false

  const whole = (text: string, lineNow: () => number, last: boolean): string => {
    const joined = carry + text
    const kept = last ? joined.length : completeLength(joined)
    carry = joined.slice(kept)
    return mender.mend(joined.slice(0, kept), () => lineNow() + linesBefore)
  }
  const begin = (lineNow: () => number, last: boolean): string => {
    const text = head ?? ''
    const start = BEFORE_DECLARATION.exec(text)?.[0] ?? ''
    if (start === '' && UNDECIDED.test(text) && !last && text.length < HEAD_CHARS_MAX) return ''
    head = undefined
    prefixed = start !== ''
    linesBefore = linesIn(start)
    return whole(text.slice(start.length), lineNow, last)
  }
  return {
    get linesBefore() {
      return linesBefore
    },
    write(text, lineNow) {
      if (head === undefined) return whole(text, lineNow, false)
      head += text
      return begin(lineNow, false)
    },
    end: (lineNow) => (head === undefined ? whole('', lineNow, true) : begin(lineNow, true)),
    forgetAfter: (end) => mender.forgetAfter(end),
    said: () => [
      ...(prefixed ? ['The report has a comment or white space before its XML declaration; it was passed over.'] : []),
      ...mender.said(),
    ],
  }
}

/** White space a character at a time: a repeat within a repeat would take for ever on a long run of it. */
const BEFORE_DECLARATION = /^(?:\s|<!--[\s\S]*?-->)+(?=<\?xml\s)/
const UNDECIDED = /^(?:\s|<!--[\s\S]*?-->)*(?:<|<\?x?m?l?|<!-?|<!--[\s\S]*)?$/

function makeMender() {
  let cdata = false
  let offset = 0
  let earlier = 0
  const first: Repair[] = []
  let latest: Repair[] = []
  return {
    mend(text: string, lineNow: () => number): string {
      earlier += latest.length
      first.push(...latest.slice(0, PLACES_MAX - first.length))
      latest = []
      if (!FORBIDDEN.test(text) && !text.includes('&#')) {
        offset += text.length
        if (cdata || text.includes('<![CDATA[')) cdata = inCdataAfter(text, cdata)
        return text
      }
      let mended = ''
      let from = 0
      let line: number | undefined
      for (const { 0: match, index } of text.matchAll(TROUBLE)) {
        if (match === '<![CDATA[') cdata = true
        else if (match === ']]>') cdata = false
        else if (!(cdata && match.startsWith('&')) && isBad(match)) {
          const before = text.slice(from, index)
          line = (line ?? lineNow()) + linesIn(before)
          mended += before + MARK
          from = index + match.length
          latest.push({ offset: offset + mended.length, line })
        }
      }
      mended += text.slice(from)
      offset += mended.length
      return mended
    },
    forgetAfter(end: number): void {
      latest = latest.filter((repair) => repair.offset <= end)
    },
    said(): string[] {
      const count = earlier + latest.length
      if (count === 0) return []
      const places = [...first, ...latest].slice(0, PLACES_MAX)
      const lines = [...new Set(places.map((repair) => repair.line))].join(', ')
      const rest = count > places.length ? ' and further on' : ''
      const were =
        count === 1
          ? 'character that XML or the encoding forbids was'
          : 'characters that XML or the encoding forbids were'
      return [`${count} ${were} read as U+FFFD (line ${lines}${rest}).`]
    },
  }
}

/** A forbidden character, or a reference to one. */
function isBad(match: string): boolean {
  if (!match.startsWith('&')) return true
  return !isAllowed(match[2] === 'x' ? Number.parseInt(match.slice(3), 16) : Number.parseInt(match.slice(2), 10))
}

/** What XML 1.0 allows as a character. */
function isAllowed(code: number): boolean {
  if (Number.isNaN(code)) return false
  if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0d
  return code < 0xd800 || (code > 0xdfff && code < 0xfffe) || (code > 0xffff && code <= 0x10ffff)
}

function linesIn(text: string): number {
  let lines = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++
  return lines
}

const inCdataAfter = (text: string, before: boolean): boolean => {
  const open = text.lastIndexOf('<![CDATA[')
  const close = text.lastIndexOf(']]>')
  return open === close ? before : open > close
}

/** How much of `text` can be judged: a reference, a bracket or half a surrogate pair at its end waits for the rest. */
function completeLength(text: string): number {
  const tail = Math.max(0, text.length - REFERENCE_CHARS_MAX)
  const reference = text.lastIndexOf('&')
  if (reference >= tail && !text.includes(';', reference)) return reference
  const open = text.lastIndexOf('<')
  if (open >= tail && '<![CDATA['.startsWith(text.slice(open))) return open
  const close = /\]{1,2}$/.exec(text)
  if (close) return close.index
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last <= 0xdbff ? text.length - 1 : text.length
}
