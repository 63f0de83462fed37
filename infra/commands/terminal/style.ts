/** Colours for people, and only for people. */
import { styleText } from 'node:util'

export type Styler = (format: 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'magenta' | 'cyan', text: string) => string

/** Colours when `stream` is a terminal and NO_COLOR is not set; otherwise the text as it is. */
export function makeStyler(stream: { isTTY?: boolean }, env: Readonly<Record<string, string | undefined>>): Styler {
  const colours = stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
  return (format, text) => (colours ? styleText(format, text) : text)
}
