/**
 * Makes text from scanned hosts safe for a terminal: control characters could
 * move the cursor, change what was printed before, or run a terminal's commands;
 * marks of writing direction could make a line read otherwise than it is.
 */
const UNSAFE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu

/** One line: every run of unsafe characters, line ends included, becomes one space. */
export function cleanText(text: string): string {
  return text.replace(UNSAFE, ' ')
}
