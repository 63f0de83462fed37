/**
 * What `npm run up` and `npm test` run first, on a machine that may have only
 * Node and npm: checks Node, installs the packages, and sees to it that there is
 * a Redis. Plain JavaScript without dependencies, because nothing is installed
 * yet. Says nothing and changes nothing when all is in place.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const OLDEST_NODE = [20, 19]
/** Any of these is a server; the last two are one under another name, see infra/redis/find-server.ts. */
export const SERVER_PROGRAMS = ['redis-server', 'valkey-server', 'redis-check-rdb', 'valkey-check-rdb']
const USUAL_FOLDERS = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin', '/opt/homebrew/bin']

/**
 * How each package manager brings a server, first match wins. Debian's and
 * Ubuntu's redis-tools holds the server program without the service, which
 * would start at once and occupy port 6379.
 */
export const PACKAGE_MANAGERS = [
  {
    program: 'apt-get',
    asRoot: true,
    steps: [
      ['-qq', 'update'],
      ['-qq', 'install', '-y', '--no-install-recommends', 'redis-tools'],
    ],
  },
  { program: 'apk', asRoot: true, steps: [['add', '--no-cache', 'redis']] },
  { program: 'dnf', asRoot: true, steps: [['install', '-y', 'valkey']] },
  { program: 'brew', asRoot: false, steps: [['install', 'redis']] },
]

/** A sentence about what is wrong with `version`, or undefined. */
export function nodeProblem(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number)
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return undefined
  return `expected Node ${OLDEST_NODE.join('.')} or newer, got ${version}: install a newer one from https://nodejs.org`
}

/** Whether the packages have to be installed in `root`: never installed, or the lock file has changed since. */
export function needsInstall(root) {
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installed)) return true
  return statSync(join(root, 'package-lock.json')).mtimeMs > statSync(installed).mtimeMs
}

/** The path of the first of `programs` in `folders`, or undefined. */
export function findProgram(programs, folders) {
  for (const program of programs) {
    for (const folder of folders) {
      try {
        accessSync(join(folder, program), constants.X_OK)
        return join(folder, program)
      } catch {
        // Not in this folder: look in the next.
      }
    }
  }
  return undefined
}

/**
 * What to do for a Redis: `undefined` (there is one), `{ commands }` to run in
 * order, or `{ problem }`, one line for a person.
 */
export function redisPlan({ env, folders, userId }) {
  if (env.REDIS_URL || env.REDIS_URL_FILE) return undefined
  if (findProgram(SERVER_PROGRAMS, folders)) return undefined
  const manager = PACKAGE_MANAGERS.find(({ program }) => findProgram([program], folders))
  const byHand = 'install redis-server 7 or valkey-server 8 (or newer), or set REDIS_URL to one that runs elsewhere'
  if (!manager) return { problem: `there is no Redis here and no package manager known to us: ${byHand}` }
  const needsSudo = manager.asRoot && userId !== 0
  if (needsSudo && !findProgram(['sudo'], folders)) {
    const command = `${manager.program} ${manager.steps.at(-1).join(' ')}`
    return { problem: `there is no Redis here and we are not root: run "${command}" as root, or set REDIS_URL` }
  }
  const prefix = needsSudo ? ['sudo', '-n'] : []
  return { commands: manager.steps.map((step) => [...prefix, manager.program, ...step]), byHand }
}

function say(line) {
  process.stderr.write(`setup: ${line}\n`)
}

function run(command, options = {}) {
  const [program, ...args] = command
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options })
  return error === undefined && status === 0
}

function fail(line) {
  say(line)
  process.exit(1)
}

function installPackages(root) {
  if (!needsInstall(root)) return
  say('installing the npm packages')
  // Packages print nothing of use to a newcomer; npm's own errors still show.
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  const options = { cwd: root, shell: process.platform === 'win32' }
  if (run(['npm', 'ci', ...quiet], options)) return
  // It takes the lock file to the letter, which a registry of one's own may not allow; `npm install` takes what there is.
  say('npm ci failed: see above; trying npm install')
  if (!run(['npm', 'install', '--no-save', ...quiet], options)) {
    fail('npm install failed: see above; check the network, then run the same command again')
  }
}

function installRedis(folders) {
  const plan = redisPlan({ env: process.env, folders, userId: process.getuid?.() })
  if (!plan) return
  if (plan.problem) fail(plan.problem)
  say(`there is no Redis here; installing one: ${plan.commands.map((command) => command.join(' ')).join(' && ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', HOMEBREW_NO_AUTO_UPDATE: '1' }
  for (const command of plan.commands) {
    // A package list that cannot be refreshed may still know the package: the last step decides.
    if (!run(command, { env }) && command === plan.commands.at(-1)) {
      fail(`"${command.join(' ')}" failed: ${plan.byHand}`)
    }
  }
  if (!findProgram(SERVER_PROGRAMS, folders)) fail(`the package brought no server program: ${plan.byHand}`)
}

function main() {
  const problem = nodeProblem(process.version)
  if (problem) fail(problem)
  installPackages(fileURLToPath(new URL('..', import.meta.url)))
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  installRedis([...path, ...USUAL_FOLDERS])
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main()
