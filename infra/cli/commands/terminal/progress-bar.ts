/** A bar that redraws itself on a terminal; elsewhere a line for each new text, so that a log stays readable. */
import { cleanText } from './clean-text.ts'

export interface ProgressBar {
  /** `percent` from 0 to 100; `undefined` where none is known. */
  show(percent: number | undefined, text: string): void
  /** Takes the bar away. */
  clear(): void
}

const BAR_CHARS = 24
const CLEAR_LINE = '\r\u001b[2K'
const WIDTH = 80

interface Stream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export function makeProgressBar(stream: Stream): ProgressBar {
  let last = ''
  return {
    show(percent, text) {
      const line = stream.isTTY ? `${bar(percent)} ${cleanText(text)}` : cleanText(plainLine(percent, text))
      if (line === last) return
      last = line
      if (!stream.isTTY) stream.write(`${line}\n`)
      // A line that wraps could not be taken back.
      else
        stream.write(
          CLEAR_LINE +
            Array.from(line)
              .slice(0, (stream.columns ?? WIDTH) - 1)
              .join(''),
        )
    },
    clear() {
      if (stream.isTTY && last !== '') stream.write(CLEAR_LINE)
      last = ''
    },
  }
}

function bar(percent: number | undefined): string {
  const full = Math.round(((percent ?? 0) / 100) * BAR_CHARS)
  const shown = percent === undefined ? '    ' : `${String(Math.floor(percent)).padStart(3)}%`
  return `[${'█'.repeat(full)}${'░'.repeat(BAR_CHARS - full)}] ${shown}`
}

function plainLine(percent: number | undefined, text: string): string {
  return percent === undefined ? text : `${Math.floor(percent)}% ${text}`
}
