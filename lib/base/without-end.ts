/** `text` without any `end` at its end; looks at each character once, which `/x+$/` does not. */
export function withoutEnd(text: string, end: string): string {
  let length = text.length
  while (end !== '' && text.endsWith(end, length)) length -= end.length
  return text.slice(0, length)
}
