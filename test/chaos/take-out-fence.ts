/**
 * Takes the fence out of an installed program's settle: it then asks neither
 * whether the delivery is still its own, nor whether the scan is still as it was
 * read. The product has no switch for that; the copy's text is changed.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Text of the settle script, and what it becomes. */
const CUTS: readonly (readonly [RegExp, string])[] = [
  [/if #held == 0 or held\[1\]\[2\] ~= consumer or [^\n]* then/, 'if false then'],
  [/if not holds then return -n end/, "if not holds and not (kind == 'field' and field == 'rev') then return -n end"],
]

/** Throws when the script is not as it is known here. */
export function takeOutFence(installed: string): void {
  const path = join(installed, 'dist', 'lib', 'bus', 'redis', 'scripts', 'settle-script.js')
  let text = readFileSync(path, 'utf8')
  for (const [fence, gap] of CUTS) {
    if (!fence.test(text))
      throw new Error(`${path}: expected the fence ${String(fence)}; it has changed, and this must follow`)
    text = text.replace(fence, gap)
  }
  writeFileSync(path, text)
}
