/**
 * `npm run dev`: rebuilds on every change and restarts `nessus-mcp up` when a
 * build has finished without errors. While there are errors the last good
 * program keeps running. Arguments are passed on to `up`.
 */
import { spawn } from 'node:child_process'
import { isatty } from 'node:tty'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const BUILT = /Found (\d+) errors?\. Watching for file changes/
const STOP_MAX_MS = 15_000

const TSC = 'node_modules/typescript/bin/tsc'
const HAS_GROUPS = process.platform !== 'win32'
// In a group of its own: the compiler proper is a child of what is started here, and a signal to that would not reach it.
const compiler = spawn(process.execPath, [TSC, '-p', 'tsconfig.build.json', '--watch', '--preserveWatchOutput'], {
  cwd: root,
  detached: HAS_GROUPS,
  stdio: ['ignore', 'pipe', 'inherit'],
})
let program
let leaving = false
// Restarts follow one another: two programs at once would fight for the port and the data.
let queue = Promise.resolve()

compiler.stdout.setEncoding('utf8').on('data', (text) => {
  process.stdout.write(text)
  if (BUILT.exec(text)?.[1] === '0') queue = queue.then(restart)
})
compiler.once('exit', (code) => void leave(code ?? 1))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void leave(0))
const terminals = [0, 1, 2].filter((stream) => isatty(stream))
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
process.on('SIGHUP', () => {
  // The terminal was closed; without one, the program reads its configuration anew.
  if (terminals.some((stream) => !isatty(stream))) void leave(0)
  else program?.kill('SIGHUP')
})

async function restart() {
  if (leaving) return
  await stop()
  if (leaving) return
  program = spawn(process.execPath, ['--enable-source-maps', 'dist/infra/main.js', 'up', ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  })
  program.once('exit', (code) => {
    if (!leaving && code)
      process.stdout.write(`dev: the program ended with code ${code}; waiting for the next change\n`)
  })
}

function endCompiler() {
  if (compiler.pid === undefined) return
  try {
    process.kill(HAS_GROUPS ? -compiler.pid : compiler.pid)
  } catch {
    // It has ended by itself.
  }
}

/** Lets the program settle what it has in hand; SIGKILL after a while. */
function stop() {
  const running = program
  if (!running || running.exitCode !== null || running.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const killer = setTimeout(() => running.kill('SIGKILL'), STOP_MAX_MS)
    running.once('exit', () => {
      clearTimeout(killer)
      resolve()
    })
    running.kill('SIGTERM')
  })
}

async function leave(code) {
  if (leaving) return
  leaving = true
  endCompiler()
  await stop()
  process.exit(code)
}
