import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** Whether the file says anything at all: a bad file counts as one that does, so that its error is shown rather than a simulator. */
export function scannersConfigured(file: string): boolean {
  if (!existsSync(file)) return false
  try {
    const content: unknown = parse(readFileSync(file, 'utf8'))
    return typeof content === 'object' && content !== null && Object.keys(content).length > 0
  } catch {
    return true
  }
}
