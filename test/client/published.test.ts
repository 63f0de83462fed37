import { readdir, readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'

const BUILT = new URL('../../dist/lib/client/', import.meta.url)
const ALLOWED = /^(?:\.\/[\w-]+\.js|node:[\w/]+|@modelcontextprotocol\/client|valibot)$/

it('loads nothing of the server', async () => {
  const files = (await readdir(BUILT)).filter((name) => name.endsWith('.js'))
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, BUILT), 'utf8')))
  const imports = texts.flatMap((text) =>
    [...text.matchAll(/^(?:import|export)\b.*from '([^']+)'|import\('([^']+)'\)/gm)].map(
      ([, name, lazy]) => name ?? lazy,
    ),
  )
  expect(imports).toContain('@modelcontextprotocol/client')
  expect(imports.filter((name) => !ALLOWED.test(name ?? ''))).toEqual([])
})
