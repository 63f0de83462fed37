/** The examples as a program that has installed the package would have them: its published types and its published code. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startSystem, type System } from '../infra/cli/support/system.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const COMPILER = join(root, 'node_modules', '.bin', 'tsc')
const OPTIONS = {
  target: 'ES2023',
  lib: ['ES2023', 'ESNext.Disposable'],
  module: 'NodeNext',
  types: ['node'],
  strict: true,
  noPropertyAccessFromIndexSignature: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  outDir: 'out',
  rootDir: '.',
}

let system: System
let folder: string
let compiled: Ran

beforeAll(async () => {
  const starting = startSystem()
  folder = await mkdtemp(join(tmpdir(), 'nessus-mcp-examples-'))
  await mkdir(join(folder, 'node_modules'))
  await symlink(root, join(folder, 'node_modules', 'nessus-mcp'))
  await symlink(join(root, 'node_modules', '@types'), join(folder, 'node_modules', '@types'))
  const examples = (await readdir(join(root, 'examples'))).filter((name) => name.endsWith('.ts'))
  for (const name of examples) await copyFile(join(root, 'examples', name), join(folder, name))
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: OPTIONS, include: ['*.ts'] }))
  compiled = await runProgram(COMPILER, ['-p', folder])
  system = await starting
})
afterAll(async () => {
  await system?.stop()
  await rm(folder, { recursive: true, force: true })
})

interface Ran {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

async function runProgram(program: string, args: readonly string[]): Promise<Ran> {
  const child = spawn(program, args, { cwd: folder })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output, errors }
}

const example = (name: string, ...args: string[]): Promise<Ran> =>
  runProgram(process.execPath, [join(folder, 'out', `${name}.js`), ...args, system.url])

it('type-checks against the published types', () => {
  expect(compiled).toMatchObject({ code: 0, output: '' })
})

it('submits, waits, finds the critical ones, and streams them all', async () => {
  const submitted = await example('submit-and-wait', '192.0.2.10-11')
  expect(submitted.output).toMatch(/^ns_simulator_\S+ completed\n\{"critical":[1-9].*\} on 2 host\(s\)\n/)
  expect(submitted.errors).toContain('running, scanning')
  expect(submitted.code).toBe(0)

  const [taskId = ''] = submitted.output.split(' ')
  const critical = await example('critical-findings', taskId)
  expect(critical.output).toMatch(/^192\.0\.2\.1[01]:\d+ \S.* EXPLOIT/)
  const { critical: count } = JSON.parse(/\{.*\}/.exec(submitted.output)?.[0] ?? '{}') as { critical: number }
  expect(critical.output.trim().split('\n')).toHaveLength(count)

  const all = await example('stream-results', taskId)
  const findings = all.output.trim().split('\n')
  expect(findings.length).toBeGreaterThan(count)
  expect(findings.filter((line) => JSON.parse(line).severity === 4)).toHaveLength(count)
})

it('imports a report, and tells what is wrong with one that is none', async () => {
  const imported = await example('import-report', join(root, 'infra/simulator/reports/windows.nessus'))
  expect(imported.output).toMatch(/: ns_import_\S+\n\d+\t\S+\n/)
  const none = await example('import-report', join(root, 'package.json'))
  expect(none).toMatchObject({ code: 1, errors: expect.stringContaining('package.json') })
})

it('says so when there is no such scan', async () => {
  const missing = await example('critical-findings', 'ns_local_20200101_000000_00000000')
  expect(missing).toMatchObject({ code: 1, errors: expect.stringContaining('There is no scan') })
})
