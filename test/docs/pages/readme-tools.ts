/** The table of tools in `README.md`: every tool once, by the toolset that lists it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tools } from '../../../functions/index.ts'
import { TOOLSETS, type Toolset } from '../../../lib/runtime/toolset.ts'
import { ROOT } from './read-pages.ts'
import { code, table } from './schema-words.ts'

const BEGIN = '<!-- tools: written by npm run docs -->'
const END = '<!-- end of tools -->'

/** The README as it stands, its table as the tools say. Throws when the marks around the table are gone. */
export function readmeWithTools(): string {
  const text = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const [head, rest] = text.split(`${BEGIN}\n`)
  const [, tail] = rest?.split(END) ?? []
  if (head === undefined || tail === undefined) {
    throw new Error(`README.md: expected the table of tools between ${BEGIN} and ${END}, found no such marks`)
  }
  const rows = (Object.keys(TOOLSETS) as Toolset[]).map((toolset) => {
    const listed = tools.filter((tool) => tool.toolset === toolset)
    return [code(toolset), TOOLSETS[toolset], listed.map(({ name }) => code(name)).join(' ')]
  })
  return `${head}${BEGIN}\n${table(['toolset', 'what it is for', 'tools'], rows).join('\n')}\n${END}${tail}`
}
