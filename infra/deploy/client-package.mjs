/**
 * Makes the client library a package of its own, `dist/client-package`: only what
 * the client loads, the types that it names, and the two packages it needs. Run
 * after a build; `npm pack ./dist/client-package` makes the tarball.
 *
 * Plain JavaScript without dependencies: it is a step of the build.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const ENTRY = 'dist/lib/client/index'
const IMPORT = /\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g

/** The files that `entry` reaches by relative imports, and the packages that they name. */
function reach(entry, extension) {
  const files = new Set()
  const packages = new Set()
  const visit = (file) => {
    if (files.has(file)) return
    files.add(file)
    for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      if (!target.startsWith('.')) packages.add(nameOf(target))
      else visit(resolve(dirname(file), target.replace(/\.(?:js|ts)$/, extension)))
    }
  }
  visit(entry)
  return { files, packages }
}

function nameOf(target) {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/')
}

function main() {
  const root = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const folder = join(ROOT, 'dist', 'client-package')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const code = reach(join(ROOT, `${ENTRY}.js`), '.js')
  const types = reach(join(ROOT, `${ENTRY}.d.ts`), '.d.ts')
  for (const file of [...code.files, ...types.files]) {
    const to = join(folder, relative(ROOT, file))
    mkdirSync(dirname(to), { recursive: true })
    // Without the line that names a map: the maps stay in the whole package.
    writeFileSync(to, readFileSync(file, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'))
  }
  const wanted = [...code.packages].filter((name) => !name.startsWith('node:')).sort((a, b) => (a < b ? -1 : 1))
  const manifest = {
    name: `${root.name}-client`,
    version: root.version,
    description: 'Typed client of a nessus-mcp gateway, for Node and browsers.',
    license: root.license,
    type: 'module',
    sideEffects: false,
    engines: root.engines,
    exports: { '.': { types: `./${ENTRY}.d.ts`, default: `./${ENTRY}.js` } },
    files: ['dist'],
    dependencies: Object.fromEntries(wanted.map((name) => [name, root.dependencies[name]])),
  }
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  for (const [from, to] of [
    ['LICENSE', 'LICENSE'],
    ['docs/client.md', 'README.md'],
  ]) {
    if (existsSync(join(ROOT, from))) cpSync(join(ROOT, from), join(folder, to))
  }
}

main()
