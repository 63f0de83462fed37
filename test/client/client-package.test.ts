/** The client as a package of its own, and in a browser's bundle: nothing of Node, and nothing of the server. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PACKAGE = join(ROOT, 'dist', 'client-package')
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'client-'))
  run([process.execPath, join(ROOT, 'infra/deploy/client-package.mjs')], ROOT)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('its tarball works in an empty folder with two packages beside it, types included', () => {
  const { dependencies } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as { dependencies: object }
  expect(Object.keys(dependencies)).toEqual(['@modelcontextprotocol/client', 'valibot'])
  const [tarball = ''] = run(['npm', 'pack', PACKAGE, '--silent'], folder).trim().split('\n').slice(-1)
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, 'nessus-mcp-client'), { recursive: true })
  run(['tar', '-xzf', tarball, '--strip-components=1', '-C', join(modules, 'nessus-mcp-client')], folder)
  mkdirSync(join(modules, '@modelcontextprotocol'))
  for (const name of Object.keys(dependencies)) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const program = `import { NessusClient } from 'nessus-mcp-client'\nconst client = new NessusClient()\nconst asked: Promise<{ task_id: string }> = client.submitScan({ targets: 'a', scan_name: 'b' })\nvoid asked.catch(() => {})\nconsole.log(typeof client.getStatus)\n`
  writeFileSync(join(folder, 'program.ts'), program)
  const options = [
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--strict',
    '--skipLibCheck',
    '--lib',
    'es2023,dom,esnext.disposable',
  ]
  run([process.execPath, join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, 'program.ts'], folder)
  const code = `import { NessusClient } from 'nessus-mcp-client'; console.log(typeof new NessusClient().getStatus)`
  expect(run([process.execPath, '--input-type=module', '-e', code], folder).trim()).toBe('function')
})

test('nothing that its entry loads is of Node', () => {
  const seen = new Set<string>()
  const visit = (file: string): string[] => {
    if (seen.has(file)) return []
    seen.add(file)
    const targets = [
      ...readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b.*?from '([^']+)'|\bimport\('([^']+)'\)/gm),
    ].map(([, name, lazy]) => name ?? lazy ?? '')
    return targets.flatMap((target) => (target.startsWith('.') ? visit(join(file, '..', target)) : [target]))
  }
  const outside = new Set(visit(join(PACKAGE, 'dist/lib/client/index.js')))
  expect([...outside].sort()).toEqual(['@modelcontextprotocol/client', 'valibot'])
})

const bundler = await import('rolldown').catch(() => undefined)
test.skipIf(!bundler)('a bundle for browsers holds all of it', async () => {
  const bundle = await bundler!.rolldown({
    input: join(ROOT, 'dist/lib/client/index.js'),
    platform: 'browser',
    logLevel: 'silent',
  })
  const { output } = await bundle.generate({ format: 'es' })
  await bundle.close()
  expect(output.flatMap((chunk) => ('imports' in chunk ? chunk.imports : []))).toEqual([])
  expect(output[0].code).not.toMatch(/from ['"]node:|require\(['"]node:/)
})

function run([program = '', ...args]: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${stdout}${stderr}`, { cause: error })
  return stdout
}
