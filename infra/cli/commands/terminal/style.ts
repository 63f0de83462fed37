/** Colours for people, and only for people. */

/** How a terminal is told to begin and to end a format. */
const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const

export type Styler = (format: keyof typeof CODES, text: string) => string

/** Colours when `stream` is a terminal and NO_COLOR is not set; otherwise the text as it is. */
export function makeStyler(stream: { isTTY?: boolean }, env: Readonly<Record<string, string | undefined>>): Styler {
  const colours = stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
  return (format, text) => {
    const [begin, end] = CODES[format]
    return colours ? `\u001b[${begin}m${text}\u001b[${end}m` : text
  }
}
