import { expect, test } from 'vitest'
import { SCOPES } from '../../lib/gateway/auth/identity.ts'
import { makeToolListing } from '../../lib/gateway/mcp/listed-tool.ts'
import { readToolsets } from '../../lib/runtime/toolset.ts'
import { tools } from '../../functions/index.ts'
import { repeatableTools, toolMethods, toolTypes } from './pages/client-tools.ts'
import { eventsPage, eventTypes, meaningsOf } from './pages/events-page.ts'
import { exportsPage } from './pages/exports-page.ts'
import { filtersPage } from './pages/filters-page.ts'
import { invariantsPage } from './pages/invariants-page.ts'
import { readmeWithTools } from './pages/readme-tools.ts'
import { toolsPage } from './pages/tools-page.ts'

// The pages are file snapshots, so that `npm run docs` (this test with --update) writes them.
test('docs/tools.md is generated from the tools', async () => {
  await expect(toolsPage()).toMatchFileSnapshot('../../docs/tools.md')
})

test('docs/events.md is generated from the functions', async () => {
  await expect(eventsPage()).toMatchFileSnapshot('../../docs/events.md')
})

test('docs/invariants.md is generated from the heads of the files that keep them', async () => {
  await expect(invariantsPage()).toMatchFileSnapshot('../../docs/invariants.md')
})

test('docs/filters.md is generated from the filter reference', async () => {
  await expect(filtersPage()).toMatchFileSnapshot('../../docs/filters.md')
})

test('docs/exports.md is generated from the formats', async () => {
  await expect(exportsPage()).toMatchFileSnapshot('../../docs/exports.md')
})

test('the table of tools in README.md is generated from the tools', async () => {
  await expect(readmeWithTools()).toMatchFileSnapshot('../../README.md')
})

test('what the client knows of each tool is generated from the tools', async () => {
  await expect(toolTypes()).toMatchFileSnapshot('../../lib/client/generated/tool-types.ts')
  await expect(toolMethods()).toMatchFileSnapshot('../../lib/client/generated/tool-methods.ts')
  await expect(repeatableTools()).toMatchFileSnapshot('../../lib/client/generated/repeatable-tools.ts')
})

const everything = makeToolListing(tools).tools({ scopes: SCOPES, toolsets: readToolsets('all') })
// Clients choose by these words: no change of them goes unseen. Written by `npm run docs`.
test.each(everything.map((tool) => [tool.name, tool] as const))('%s is worded as it was', async (name, tool) => {
  const { title, description, inputSchema } = tool
  const args = Object.entries(inputSchema.properties ?? {}).map(([argument, is]) => `${argument} ${JSON.stringify(is)}`)
  const text = `${[name, title, description, '', ...args].join('\n')}\n`
  await expect(text).toMatchFileSnapshot(`../wordings/${tools.find((each) => each.name === name)!.toolset}/${name}.txt`)
})

test('every event has one meaning, told by one who emits it', () => {
  const vague = eventTypes().filter((type) => {
    const [meaning = '', ...others] = meaningsOf(type)
    return others.length > 0 || !/^[A-Z].+\.$/.test(meaning)
  })
  expect(vague.map((type) => `give ${type} in one \`emits\` as says('It …', {…}) (lib/runtime/outcome.ts)`)).toEqual([])
})

test('every argument of every tool is described in the reference', () => {
  const undescribed = toolsPage()
    .split('\n')
    .filter((line) => /^\| `\w+` \|(?:[^|]|\\\|)*\|(?:[^|]|\\\|)*\| +\|$/.test(line))
  expect(undescribed).toEqual([])
  expect(toolsPage().match(/^## \w+_\w+$/gm)).toHaveLength(tools.length)
})
