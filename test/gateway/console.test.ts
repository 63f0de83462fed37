import { createHash } from 'node:crypto'
import { Script } from 'node:vm'
import { expect, test } from 'vitest'
import { CONSOLE_HTML, CONSOLE_POLICY } from '../../lib/gateway/http/console.ts'

const script = /<script>(.*)<\/script>/s.exec(CONSOLE_HTML)![1]!
const style = /<style>(.*)<\/style>/s.exec(CONSOLE_HTML)![1]!
const hash = (text: string) => createHash('sha256').update(text).digest('base64')

test('the page runs its own script and style and nothing else', () => {
  expect(CONSOLE_POLICY).toContain(`script-src 'sha256-${hash(script)}'`)
  expect(CONSOLE_POLICY).toContain(`style-src 'sha256-${hash(style)}'`)
  expect(CONSOLE_HTML).not.toMatch(/\son\w+=|style="|https?:\/\//)
})

test('the script is a script', () => {
  expect(() => new Script(script)).not.toThrow()
})

test('what comes from the server never becomes markup', () => {
  expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval/)
})

test('every element that the script looks for is on the page', () => {
  const ids = [...script.matchAll(/byId\('(\w+)'\)/g), ...script.matchAll(/fill\('(\w+)'/g)].map(([, id]) => id!)
  for (const id of ids) expect(CONSOLE_HTML).toContain(`id="${id}"`)
})
