/** What `tools/list` costs a model, whom it is for, and that it promises nothing that is not so. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { tools } from '../../functions/index.ts'
import { SCOPES } from '../../lib/gateway/auth/identity.ts'
import { makeToolListing } from '../../lib/gateway/mcp/listed-tool.ts'
import { INSTRUCTIONS } from '../../lib/gateway/mcp/server-info.ts'
import { toolSchemas } from '../../lib/gateway/tool-schemas.ts'
import { isOlderName, LISTED_WITH, readToolsets, TOOLSETS, TOOLSETS_UNASKED } from '../../lib/runtime/toolset.ts'

const CHARS_MAX = 16_000
const READER_CHARS_MAX = 10_000

const listing = makeToolListing(tools)
const listed = (asked: string, scopes = SCOPES as readonly (typeof SCOPES)[number][]) =>
  listing.tools({ scopes, toolsets: readToolsets(asked) })
const names = (list: readonly { name: string }[]) => list.map(({ name }) => name)
const fileOf = (name: string) => `functions/tools/${name.replaceAll('_', '-')}.ts`

describe.each([
  ['unasked', SCOPES, CHARS_MAX],
  ['to a token that may only read', ['scan:read'] as const, READER_CHARS_MAX],
])('the list %s', (_who, scopes, charsMax) => {
  const list = listing.tools({ scopes, toolsets: TOOLSETS_UNASKED })

  test(`has at most ${charsMax} characters`, () => {
    const sizes = list.map((tool) => ({ file: fileOf(tool.name), chars: JSON.stringify(tool).length }))
    const longest = sizes.toSorted((a, b) => b.chars - a.chars).map(({ file, chars }) => `${file} ${chars}`)
    const remedy =
      'A tool that few conversations need gets a line such as "toolset: \'details\'" (lib/runtime/toolset.ts has them); else shorten ' +
      'the description, or the first sentences of the arguments: only those are listed. The longest: '
    expect(JSON.stringify(list).length, `${remedy}${longest.join(', ')}`).toBeLessThanOrEqual(charsMax)
  })

  test('has what it takes to go from a scan to its results', () => {
    const course = [
      'run_untrusted_scan run_authenticated_scan',
      'list_tasks get_scan_status summarize_scan query_findings get_scan_results compare_scans',
      'stop_scan delete_scan',
    ]
    const wanted = course.join(' ').split(' ')
    const allowed = tools.filter(({ scope }) => (scopes as readonly string[]).includes(scope)).map(({ name }) => name)
    expect(names(list).toSorted()).toEqual(wanted.filter((name) => allowed.includes(name)).toSorted())
  })
})

test('every tool is listed in one toolset, and all together by all', () => {
  const each = Object.keys(TOOLSETS).map((name) => names(listed(name)))
  expect(each.flat().toSorted()).toEqual(tools.map(({ name }) => name).toSorted())
  expect(names(listed('all'))).toEqual(tools.map(({ name }) => name))
  expect(names(listed(' Default , CONTROL '))).toEqual([...each[0]!, ...names(listed('control'))].toSorted(byOrder))
})
const byOrder = (a: string, b: string) => names(tools).indexOf(a) - names(tools).indexOf(b)

test.each(['al', 'default,scaners', 'constructor', '__proto__'])(
  'the toolset %s is refused with those that there are',
  (asked) => {
    expect(() => readToolsets(asked)).toThrow(/toolset: expected default, .*or all, with commas between; got/)
  },
)

test('an argument is listed in one line: its type, its bounds, its first sentence', () => {
  const { inputSchema } = listed('default').find(({ name }) => name === 'get_scan_status')!
  expect(inputSchema.properties).toEqual({
    task_id: { type: 'string', description: 'The scan.' },
    wait_seconds: { type: 'number', maximum: 45, description: 'How long to wait for a change.' },
  })
})

test('older names of arguments are listed to those who ask for older tools, and taken from everybody', () => {
  for (const tool of tools) {
    const { properties } = toolSchemas(tool).input as { properties: Record<string, { description?: string }> }
    const older = Object.keys(properties).filter((name) => isOlderName(properties[name]?.description))
    const shown = (asked: string) => {
      const entry = listed(asked).find(({ name }) => name === tool.name)
      return older.filter((name) => name in (entry?.inputSchema.properties ?? {}))
    }
    expect(shown(tool.toolset === 'older' ? 'details' : tool.toolset)).toEqual([])
    expect(shown('all')).toEqual(older)
  }
})

test('an argument that few conversations need is listed beside the toolset that it belongs to, and taken from everybody', () => {
  for (const [argument, toolset] of Object.entries(LISTED_WITH)) {
    const having = tools.filter((tool) => argument in tool.arguments.entries)
    expect(having.length).toBeGreaterThan(0)
    for (const { name, toolset: own } of having) {
      const shown = (asked: string) =>
        argument in (listed(asked).find((entry) => entry.name === name)?.inputSchema.properties ?? {})
      expect([shown(own), shown(`${own},${toolset}`), shown('all')]).toEqual([own === toolset, true, true])
    }
  }
})

test('what an older name stands for is an argument of the same tool', () => {
  const pairs = tools.flatMap((tool) =>
    Object.entries(
      (toolSchemas(tool).input as { properties: Record<string, { description?: string }> }).properties,
    ).flatMap(([name, { description = '' }]) => {
      const [, meant] = /^Same as (\w+)/.exec(description) ?? []
      return meant === undefined ? [] : [{ tool, name, meant }]
    }),
  )
  expect(pairs.map(({ name }) => name)).toEqual(expect.arrayContaining(['scan_name', 'ssh_password', 'status_filter']))
  for (const { tool, meant } of pairs) expect(Object.keys(tool.arguments.entries)).toContain(meant)
})

test('whoever has to send an argument is shown it', () => {
  for (const asked of Object.keys(TOOLSETS)) {
    for (const { inputSchema } of listed(asked)) {
      const { properties, required = [] } = inputSchema
      expect(Object.keys(properties ?? {})).toEqual(expect.arrayContaining(required))
    }
  }
})

test('no two tools are alike: each has a title of its own, and an older name says what to take instead', () => {
  expect(new Set(tools.map(({ title }) => title)).size).toBe(tools.length)
  const older = tools.filter(({ toolset }) => toolset === 'older')
  expect(older.map(({ name }) => name)).toEqual(['run_trusted_scan', 'run_privileged_scan', 'list_scans'])
  for (const { description } of older) expect(description).toMatch(/^Older name of \w+.* Prefer \w+/s)
  // What reads findings says where the other way to read them is.
  for (const name of ['get_scan_results', 'search_findings'])
    expect(tools.find((tool) => tool.name === name)?.description).toContain('query_findings')
})

test('a tool that a description sends to is there', () => {
  const fields = tools.flatMap((tool) => JSON.stringify(toolSchemas(tool)).match(/"[a-z_]+":/g) ?? [])
  const known = new Set([...names(tools), ...fields.map((field) => field.slice(1, -2))])
  const said = [INSTRUCTIONS, ...tools.map(({ description }) => description)].join(' ')
  const named = [
    ...said.matchAll(
      /\b(?:get|list|run|adopt|import|query|search|compare|summarize|stop|delete|pause|resume|download)_[a-z_]+\b/g,
    ),
  ]
  expect(named.length).toBeGreaterThan(20)
  expect(named.map(([name]) => name).filter((name) => !known.has(name))).toEqual([])
})

test('the page on MCP shows every toolset', () => {
  const page = readFileSync('docs/mcp.md', 'utf8')
  for (const [name, what] of Object.entries(TOOLSETS)) expect(page).toContain(`| \`${name}\` | ${what} |`)
})
