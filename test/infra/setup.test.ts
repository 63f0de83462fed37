import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const SCRIPT = new URL('../../infra/setup.mjs', import.meta.url)
let root: string
let programs: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'setup-'))
  programs = join(root, 'programs')
  mkdirSync(join(root, 'infra'))
  mkdirSync(programs)
  cpSync(SCRIPT, join(root, 'infra', 'setup.mjs'))
  writeFileSync(join(root, 'package-lock.json'), '{}')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** A program that notes how it was called, then does `script`. */
function program(name: string, script = ''): void {
  writeFileSync(join(programs, name), `#!/bin/sh\necho "${name} $*" >> "${root}/calls"\n${script}\n`)
  chmodSync(join(programs, name), 0o755)
}

function calls(): string[] {
  return existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8').trim().split('\n') : []
}

function installed(): void {
  mkdirSync(join(root, 'node_modules'))
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), '{}')
}

function setup(env: Record<string, string> = {}) {
  const path = [programs, '/bin', '/usr/bin'].join(delimiter)
  return spawnSync(process.execPath, [join(root, 'infra', 'setup.mjs')], {
    env: { PATH: path, ...env },
    encoding: 'utf8',
  })
}

describe('packages', () => {
  test('nothing is run and nothing is said when all is in place', () => {
    program('npm')
    installed()
    expect(setup({ REDIS_URL: 'redis://h' })).toMatchObject({ status: 0, stdout: '', stderr: '' })
    expect(calls()).toEqual([])
  })

  test('what the lock file names is installed when nothing was ever installed', () => {
    program('npm')
    expect(setup({ REDIS_URL: 'redis://h' })).toMatchObject({
      status: 0,
      stderr: 'setup: installing the npm packages\n',
    })
    expect(calls()).toEqual([expect.stringMatching(/^npm ci /)])
  })

  test('what the lock file names is installed when that file is newer than what is there', () => {
    program('npm')
    installed()
    utimesSync(join(root, 'node_modules', '.package-lock.json'), 1, 1)
    setup({ REDIS_URL: 'redis://h' })
    expect(calls()).toEqual([expect.stringMatching(/^npm ci /)])
  })

  test('where npm ci fails, npm install is tried', () => {
    program('npm', '[ "$1" = install ]')
    expect(setup({ REDIS_URL: 'redis://h' }).status).toBe(0)
    expect(calls()).toEqual([expect.stringMatching(/^npm ci /), expect.stringMatching(/^npm install --no-save /)])
  })

  test('a failed npm install ends the set-up with what to do', () => {
    program('npm', 'exit 7')
    expect(setup()).toMatchObject({ status: 1, stderr: expect.stringContaining('npm install failed') as string })
  })
})

interface Setup {
  nodeProblem(version: string): string | undefined
  redisPlan(options: { env: Record<string, string>; folders: string[]; userId: number | undefined }):
    | undefined
    | {
        commands?: string[][]
        problem?: string
      }
  SERVER_PROGRAMS: string[]
}
async function functions(): Promise<Setup> {
  return (await import(SCRIPT.href)) as Setup
}

test.each([
  ['v20.18.3', 'expected Node 20.19 or newer, got v20.18.3'],
  ['v18.20.0', 'expected Node 20.19 or newer, got v18.20.0'],
])('Node %s is refused', async (version, message) => {
  expect((await functions()).nodeProblem(version)).toContain(message)
})

test.each(['v20.19.0', 'v22.0.0', 'v24.11.1'])('Node %s will do', async (version) => {
  expect((await functions()).nodeProblem(version)).toBeUndefined()
})

describe('Redis', () => {
  const plan = async (options: { env?: Record<string, string>; userId?: number } = {}) =>
    (await functions()).redisPlan({ env: {}, userId: 0, ...options, folders: [programs] })

  test.each(['redis-server', 'valkey-server', 'redis-check-rdb'])('%s on the PATH is enough', async (name) => {
    program(name)
    program('apt-get')
    expect(await plan()).toBeUndefined()
  })

  test('REDIS_URL is enough', async () => {
    program('apt-get')
    expect(await plan({ env: { REDIS_URL: 'redis://h' } })).toBeUndefined()
  })

  test('on Debian the list is refreshed and the package without a service is installed', async () => {
    program('apt-get')
    const install = ['-qq', 'install', '-y', '--no-install-recommends', 'redis-tools']
    expect((await plan())?.commands).toEqual([
      ['apt-get', '-qq', 'update'],
      ['apt-get', ...install],
    ])
  })

  test('who is not root asks sudo, which may not stop to ask for a password', async () => {
    program('apt-get')
    program('sudo')
    expect((await plan({ userId: 1000 }))?.commands?.[0]).toEqual(['sudo', '-n', 'apt-get', '-qq', 'update'])
  })

  test('who is not root and has no sudo is told the command', async () => {
    program('dnf')
    expect((await plan({ userId: 1000 }))?.problem).toContain('run "dnf install -y valkey" as root')
  })

  test('Homebrew never runs as root', async () => {
    program('brew')
    program('sudo')
    expect((await plan({ userId: 501 }))?.commands).toEqual([['brew', 'install', 'redis']])
  })

  test('without a package manager one line says what to do', async () => {
    expect((await plan())?.problem).toMatch(
      /no package manager known to us: install redis-server 7 .* or set REDIS_URL/,
    )
  })

  test('the program is looked for under the same names as when it is started', async () => {
    const finder = readFileSync(new URL('../../infra/redis/find-server.ts', import.meta.url), 'utf8')
    for (const name of (await functions()).SERVER_PROGRAMS) expect(finder).toContain(`['${name}'`)
  })
})
