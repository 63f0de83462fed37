/** What is published, made from a copy of the sources as `npm publish` would make it. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import { afterAll, beforeAll, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FOLDERS = ['functions', 'lib', 'config', 'infra', 'docs', 'test']
const FILES = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'LICENSE', 'README.md', 'CHANGELOG.md']
const Packed = v.object({ filename: v.string(), files: v.array(v.object({ path: v.string() })) })

let folder: string
/** Where the package is, as installed. */
let installed: string
let paths: string[]

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'package-'))
  // A package of its own: a package.json that somebody left further up must not answer for the one installed here.
  writeFileSync(join(folder, 'package.json'), '{}')
  const copy = join(folder, 'copy')
  mkdirSync(copy)
  for (const name of [...FOLDERS, ...FILES]) cpSync(join(ROOT, name), join(copy, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  // Left by a file that is no more: it must not be published.
  mkdirSync(join(copy, 'dist'))
  cpSync(join(copy, 'LICENSE'), join(copy, 'dist', 'stale.js'))
  const packed = packedBy(run(['npm', 'pack', '--json', '--pack-destination', folder], copy))
  paths = packed.files.map(({ path }) => path)
  run(['tar', '-xzf', packed.filename], folder)
  const modules = join(folder, 'node_modules')
  mkdirSync(modules)
  installed = join(modules, 'nessus-mcp')
  cpSync(join(folder, 'package'), installed, { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(installed, 'node_modules'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the package holds the program, its example configuration and reports, and nothing else', () => {
  const kinds = [
    /^(package\.json|LICENSE|README\.md|CHANGELOG\.md)$/,
    /^config\/[\w.]+\.yaml$/,
    /^infra\/simulator\/reports\/[\w-]+\.nessus$/,
    /^dist\/(functions|lib|config|infra)\/.+\.(js|d\.ts|js\.map)$/,
  ]
  for (const kind of kinds) expect([String(kind), paths.some((path) => kind.test(path))]).toEqual([String(kind), true])
  expect(paths.filter((path) => !kinds.some((kind) => kind.test(path)))).toEqual([])
})

test('the program starts as a command', () => {
  const program = join(installed, 'dist', 'infra', 'main.js')
  expect(readFileSync(program, 'utf8').split('\n')[0]).toBe('#!/usr/bin/env node')
  expect(statSync(program).mode & 0o111).toBe(0o111)
  expect(statSync(join(folder, 'copy', 'dist', 'infra', 'main.js')).mode & 0o111).toBe(0o111)
  expect(run([program, '--version'], folder).trim()).toBe(versionOf(join(ROOT, 'package.json')))
})

test('programs can import the client, under both names, with types', () => {
  const code = `
    import { NessusClient } from 'nessus-mcp'
    import { NessusClient as Same } from 'nessus-mcp/client'
    console.log(typeof NessusClient, NessusClient === Same)`
  expect(run([process.execPath, '--input-type=module', '-e', code], folder).trim()).toBe('function true')
  expect(paths).toContain('dist/lib/client/index.d.ts')
})

function run([program = '', ...args]: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${stdout}${stderr}`, { cause: error })
  return stdout
}

/** npm tells what it runs first, then answers a list of one or an object by name. */
function packedBy(output: string): v.InferOutput<typeof Packed> {
  const answer: unknown = JSON.parse(output.slice(output.search(/^[[{]/m)))
  return v.parse(Packed, Object.values(v.parse(v.union([v.array(v.unknown()), v.looseObject({})]), answer))[0])
}

function versionOf(file: string): unknown {
  return v.parse(v.object({ version: v.string() }), JSON.parse(readFileSync(file, 'utf8'))).version
}
