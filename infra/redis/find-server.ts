/**
 * Finds a Redis or Valkey server program on this machine. `redis-check-rdb` is
 * the same program under another name (the program looks at the name it was
 * called by), and on Debian it comes without a service that would occupy port
 * 6379, so it will do too.
 */
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { PermanentError } from '../../lib/base/errors.ts'
import { isSupported, type ServerVersion, versionFromCommand, WANTED } from './version.ts'

export interface ServerProgram extends ServerVersion {
  readonly command: string
  /** The name the program must be called by. */
  readonly argv0: string
}

/** File name → the name it must be called by; in order of preference. */
export const SERVER_PROGRAMS: readonly (readonly [file: string, argv0: string])[] = [
  ['redis-server', 'redis-server'],
  ['valkey-server', 'valkey-server'],
  ['redis-check-rdb', 'redis-server'],
  ['valkey-check-rdb', 'valkey-server'],
]
/** Where package managers put servers that are not always on a person's PATH. */
const USUAL_FOLDERS = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin', '/opt/homebrew/bin']
const VERSION_MAX_MS = 5000

/** The folders of `path` (as in PATH) and the usual ones. */
export function serverFolders(path = ''): string[] {
  return [...new Set([...path.split(delimiter).filter((folder) => folder !== ''), ...USUAL_FOLDERS])]
}

/**
 * The first program in `folders` that is new enough. Throws PermanentError when there is none, naming the ones that
 * are too old and saying how to get a newer one.
 */
export async function findServer(folders: readonly string[]): Promise<ServerProgram> {
  const tooOld: string[] = []
  for (const [file, argv0] of SERVER_PROGRAMS) {
    for (const folder of folders) {
      const command = join(folder, file)
      if (!isExecutable(command)) continue
      const version = versionFromCommand(await versionOutput(command, argv0))
      if (version && isSupported(version)) return { ...version, command, argv0 }
      if (version) tooOld.push(`${command} is ${version.product} ${version.version}`)
    }
  }
  const found = tooOld.length > 0 ? ` (too old: ${[...new Set(tooOld)].join(', ')})` : ''
  throw new PermanentError(
    `no ${WANTED} on this machine${found}. Install one (Debian, Ubuntu: apt-get install redis-tools; macOS: brew install redis; ` +
      'Fedora: dnf install valkey; Alpine: apk add redis), or set REDIS_URL to one that runs elsewhere',
  )
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** What `command --version` prints; empty when it cannot be run or does not answer in time. */
async function versionOutput(command: string, argv0: string): Promise<string> {
  const child = spawn(command, ['--version'], { argv0, stdio: ['ignore', 'pipe', 'ignore'], timeout: VERSION_MAX_MS })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(0, 1000)))
  await new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('close', () => resolve())
  })
  return output
}
