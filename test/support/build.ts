/** Builds dist/ before the tests that start real processes, when a source is newer than the last build. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const SOURCES = ['functions', 'lib', 'config', 'infra', 'tsconfig.json', 'tsconfig.build.json', 'package.json']
const MARK = join(root, 'dist', '.built')

export function setup(): void {
  const startedAt = new Date()
  if (existsSync(MARK) && statSync(MARK).mtimeMs > newest(SOURCES.map((name) => join(root, name)))) return
  const compiler = join(root, 'node_modules', '.bin', 'tsc')
  const built = spawnSync(compiler, ['-p', 'tsconfig.build.json'], { cwd: root, encoding: 'utf8' })
  if (built.error) throw new Error(`tests need a build, and ${compiler} does not start`, { cause: built.error })
  // Types are checked by `npm run check`; here they are only told, so that one mistake does not hide every test's result.
  if (built.status !== 0) console.warn(`the build for the tests has type errors:\n${built.stdout.slice(0, 2000)}`)
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(MARK, startedAt.toISOString())
}

function newest(paths: readonly string[]): number {
  let newestMs = 0
  for (const path of paths) {
    if (!existsSync(path)) continue
    const { mtimeMs } = statSync(path)
    const isFolder = statSync(path).isDirectory()
    const within = isFolder ? newest(readdirSync(path).map((name) => join(path, name))) : 0
    newestMs = Math.max(newestMs, mtimeMs, within)
  }
  return newestMs
}
