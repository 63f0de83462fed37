import { readFileSync } from 'node:fs'

/** The version in package.json: two folders up from here, or three when built. */
export function packageVersion(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      return String(JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).version)
    } catch {
      continue
    }
  }
  return 'unknown'
}
