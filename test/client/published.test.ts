import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const ENTRY = new URL('../../dist/lib/client/index.js', import.meta.url)
const PACKAGES = /^(?:node:[\w/]+|@modelcontextprotocol\/client|valibot)$/
/** The facts that client and server share, and what has no room of its own. */
const ROOMS = /\/dist\/lib\/(?:client\/|facts\/|base\/defined\.js$)/

it('loads nothing of the server', () => {
  const files = new Set<string>()
  const packages = new Set<string>()
  const visit = (file: URL): void => {
    if (files.has(file.href)) return
    files.add(file.href)
    const text = readFileSync(fileURLToPath(file), 'utf8')
    for (const [, name, lazy] of text.matchAll(/^(?:import|export)\b.*from '([^']+)'|import\('([^']+)'\)/gm)) {
      const target = name ?? lazy ?? ''
      if (target.startsWith('.')) visit(new URL(target, file))
      else packages.add(target)
    }
  }
  visit(ENTRY)
  expect(packages).toContain('@modelcontextprotocol/client')
  expect([...packages].filter((name) => !PACKAGES.test(name))).toEqual([])
  expect([...files].filter((file) => !ROOMS.test(file))).toEqual([])
})
