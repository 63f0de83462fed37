/** Nothing that a page points to is missing: files, headings, commands, options, tools, settings, metrics. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { settingNames } from '../../config/settings-table.ts'
import { tools } from '../../functions/index.ts'
import { toolSchemas } from '../../lib/gateway/tool-schemas.ts'
import { makeProgram } from '../../infra/cli/program.ts'
import { metricsTable } from '../../lib/observe/metrics-table.ts'
import { commandLinesIn, problemOf } from './pages/find-command.ts'
import { anchorsOf, linksOf, pageOf, readPages, ROOT } from './pages/read-pages.ts'

const pages = readPages()
const toolNames = tools.map(({ name }) => name)

/** Variables that the command line or Node itself reads. */
const OTHER_VARIABLES = [
  'NESSUS_MCP_URL',
  'NESSUS_MCP_TOKEN',
  'NESSUS_MCP_TOKEN_FILE',
  'NO_COLOR',
  'NODE_EXTRA_CA_CERTS',
]

test('every relative link leads to a file, and its anchor to a heading', () => {
  const broken = pages.flatMap((page) =>
    linksOf(page)
      .filter(({ target, anchor }) => {
        if (!existsSync(join(ROOT, target))) return true
        if (anchor === undefined) return false
        return !anchorsOf(pageOf(target, readFileSync(join(ROOT, target), 'utf8'))).includes(anchor)
      })
      .map(({ target, anchor }) => `${page.path}: ${target}${anchor === undefined ? '' : `#${anchor}`}`),
  )
  expect(broken).toEqual([])
})

test('every page of docs is in its index', () => {
  const index = pages.find(({ path }) => path === 'docs/README.md')!
  const linked = linksOf(index).map(({ target }) => target)
  const missing = pages.filter(({ path }) => path.startsWith('docs/') && path !== index.path && !linked.includes(path))
  expect(
    missing.map(({ path }) => path),
    'add these to docs/README.md',
  ).toEqual([])
})

test('every npm script that a page names exists', () => {
  const { scripts } = v.parse(
    v.object({ scripts: v.record(v.string(), v.string()) }),
    JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')),
  )
  const named = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/npm run (?:--silent )?([a-z][\w:-]*)/g)].map(([, name = '']) => ({ path, name })),
  )
  expect(named.length).toBeGreaterThan(5)
  expect(named.filter(({ name }) => scripts[name] === undefined)).toEqual([])
})

test('every command and option that a page shows exists', async () => {
  const program = await makeProgram([])
  const lines = pages.flatMap(({ path, code }) => commandLinesIn(code).map((line) => ({ path, line })))
  expect(lines.length).toBeGreaterThan(30)
  const wrong = lines.flatMap(({ path, line }) => {
    const problem = problemOf(program, line)
    return problem === undefined ? [] : [`${path}: ${problem}`]
  })
  expect(wrong).toEqual([])
})

test('every tool that a page names exists, and the README names every tool', () => {
  const verbs = [...new Set(toolNames.map((name) => name.split('_')[0]))].join('|')
  // The reference is generated from the tools; it names their fields too, some of which begin like a tool.
  const written = pages.filter(({ path }) => path !== 'docs/tools.md')
  const named = written.flatMap(({ path, code }) =>
    code.flatMap((line) =>
      [...line.matchAll(new RegExp(`(?:^|/tools/)((?:${verbs})_\\w+)`, 'g'))].map(([, name = '']) => ({ path, name })),
    ),
  )
  // Fields and arguments may begin with the same words.
  const fields = tools.flatMap((tool) => JSON.stringify(toolSchemas(tool)).match(/"[a-z_]+":/g) ?? [])
  const known = new Set([...toolNames, ...fields.map((field) => field.slice(1, -2))])
  expect(named.filter(({ name }) => !known.has(name))).toEqual([])
  const inReadme = named.filter(({ path }) => path === 'README.md').map(({ name }) => name)
  expect(toolNames.filter((name) => !inReadme.includes(name))).toEqual([])
})

test('every setting that a page names exists', () => {
  const known = [...settingNames(), ...OTHER_VARIABLES]
  const readers = pages.filter(({ path }) => /^(README\.md|docs\/[\w-]+\.md)$/.test(path))
  const wrong = readers.flatMap(({ path, code }) =>
    code
      .flatMap((line) => /^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=.*)?$/.exec(line)?.[1] ?? [])
      .filter((name) => !known.includes(name))
      .map((name) => `${path}: ${name}`),
  )
  expect(wrong).toEqual([])
})

test('every metric that a page names exists', () => {
  const known = metricsTable().map(({ name }) => name)
  const named = pages.flatMap(({ path, code }) =>
    code.flatMap((line) => [...line.matchAll(/\bnessus_[a-z_]+\b/g)].map(([name]) => ({ path, name }))),
  )
  expect(named.length).toBeGreaterThan(20)
  // `nessus_scan_id` is a field of a status, not a metric.
  expect(named.filter(({ name }) => !known.includes(name) && name !== 'nessus_scan_id')).toEqual([])
})

test('every file of the project that a page names exists', () => {
  const wrong = pages.flatMap(({ path, code }) =>
    code
      .filter((span) => /^(?:functions|lib|config|infra|test|docs)\/[\w./-]*\w\/?$/.test(span))
      .filter((span) => !existsSync(join(ROOT, span)) && !existsSync(join(ROOT, path, '..', span)))
      .map((span) => `${path}: ${span}`),
  )
  expect(wrong).toEqual([])
})
