/** What signals do to real processes, and to what they started: nothing is left behind, and nothing is ended that should go on. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { processIdentity } from '../../infra/redis/process-identity.ts'
import { entryFor, openTestLab, type Lab } from '../support/lab.ts'
import type { Program } from '../support/processes.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const ENTRY = { url: 'http://127.0.0.1:1', accessKey: 'k', secretKey: 's', username: '', password: '' }
const openHere = () => openTestLab({ onTestFinished })

describe('SIGHUP', () => {
  test.each(['up', 'gateway', 'worker'])('has `%s` read its scanners anew, and it goes on', async (role) => {
    const lab = openHere()
    const redis = await lab.redis()
    await lab.scanners({ nessus: [entryFor(ENTRY, 'one')] })
    const program = lab.run(role, [role], { env: { REDIS_URL: redis.url } })
    await program.said(role === 'worker' ? /"worker started"/ : /MCP endpoint|"gateway listens"/)
    program.signal('SIGHUP')
    await program.said(/"scanners read anew","scanners":1/)
    await lab.scanners({ nessus: [{ instance_id: 'bad' }] })
    program.signal('SIGHUP')
    await program.said(/"scanners not read anew.*url/)
    expect(await program.stop()).toEqual({ code: 0, signal: null })
  })

  test('has a gateway read its tokens anew', async () => {
    const lab = openHere()
    const redis = await lab.redis()
    const file = join(lab.folder, 'tokens.yaml')
    writeFileSync(file, `- { name: a, sha256: ${'0'.repeat(64)}, scopes: [scan:read] }\n`)
    const { program } = await lab.gateway('gateway', { REDIS_URL: redis.url, AUTH_TOKENS_FILE: file })
    program.signal('SIGHUP')
    expect(await program.said(/"tokens read anew".*"count":1/)).toBeDefined()
  })

  test('does not end a simulator', async () => {
    const simulator = await openHere().simulator('simulator')
    simulator.program.signal('SIGHUP')
    expect((await fetch(`${simulator.url}/server/status`)).status).toBe(200)
    expect(await simulator.program.stop()).toEqual({ code: 0, signal: null })
  })

  test('does not end a server over standard input and output, which ends with its client', async () => {
    const lab = openHere()
    const child = spawn(process.execPath, [join(lab.installed, 'dist/infra/main.js'), 'stdio'], {
      cwd: lab.installed,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: lab.folder,
        LOG_FORMAT: 'json',
        DATA_DIR: join(lab.folder, 'data'),
      },
    })
    let said = ''
    child.stderr.on('data', (text: Buffer) => (said += text.toString()))
    await expect.poll(() => said, { timeout: 20_000 }).toContain('"worker started"')
    child.kill('SIGHUP')
    await expect.poll(() => said, { timeout: 10_000 }).toContain('"scanners read anew"')
    child.stdin.end()
    expect(await once(child, 'exit')).toEqual([0, null])
    expectNothingLeft(lab, [child.pid ?? -1])
  })
})

test('one Ctrl-C that comes twice, from the terminal and by way of npm, still stops cleanly', async () => {
  const lab = openHere()
  const program = lab.run('up', ['up'])
  await program.said(/MCP endpoint/)
  program.signal('SIGINT')
  program.signal('SIGINT')
  expect(await program.exited).toEqual({ code: 0, signal: null })
  expectNothingLeft(lab, [program.pid])
})

const hasScript = spawnSync('script', ['--version']).status === 0
test.skipIf(!hasScript)('closing the terminal of `up` stops it cleanly, and its Redis with it', async () => {
  const lab = openHere()
  const main = join(lab.installed, 'dist/infra/main.js')
  const terminal = spawn('script', ['-qec', `exec ${process.execPath} ${main} up`, '/dev/null'], {
    cwd: lab.installed,
    env: { PATH: process.env['PATH'] ?? '', HOME: lab.folder, PORT: '0', DATA_DIR: join(lab.folder, 'data') },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let said = ''
  terminal.stdout.on('data', (text: Buffer) => (said += text.toString()))
  await expect.poll(() => said, { timeout: 20_000 }).toContain('MCP endpoint')
  const pids = [ownerOf(lab), redisOf(lab)]
  terminal.kill('SIGKILL')
  await expect.poll(() => pids.filter(isAlive), { timeout: 15_000 }).toEqual([])
  expectNothingLeft(lab, pids)
})

describe('SIGTERM to npm alone', () => {
  test.each(['up', 'dev'])('ends what `npm run %s` started, and its Redis', async (script) => {
    const lab = openHere()
    const checkout = makeCheckout(lab, script)
    const npm = spawn('npm', ['run', script], {
      cwd: checkout,
      env: { PATH: process.env['PATH'] ?? '', HOME: lab.folder, PORT: '0', DATA_DIR: join(lab.folder, 'data') },
    })
    let said = ''
    npm.stdout.on('data', (text: Buffer) => (said += text.toString()))
    npm.stderr.on('data', (text: Buffer) => (said += text.toString()))
    await expect.poll(() => said, { timeout: 60_000, interval: 200 }).toContain('MCP endpoint')
    const pids = [ownerOf(lab), redisOf(lab)]
    npm.kill('SIGTERM')
    await once(npm, 'exit')
    await expect.poll(() => pids.filter(isAlive), { timeout: 15_000 }).toEqual([])
    expectNothingLeft(lab, pids)
  })

  test('every script that starts something which goes on ends in exec, so that no shell stands between', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    const lasting = Object.entries(scripts).filter(([, text]) => /main\.js |dev\.mjs/.test(text))
    expect(lasting.map(([name]) => name)).toEqual(['up', 'dev'])
    for (const [, text] of lasting) expect(text.split(' && ').at(-1)).toMatch(/^exec /)
  })
})

/** What a checkout has, with the packages that are there: nothing is installed. */
function makeCheckout(lab: Lab, script: string): string {
  const folder = join(lab.folder, 'checkout')
  mkdirSync(folder)
  if (script === 'up') {
    // Its build takes a while, and is no part of this: `dev` builds here.
    const { scripts, ...rest } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...rest, scripts: { ...scripts, build: '' } }))
    cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true })
    mkdirSync(join(folder, 'infra'))
    cpSync(join(ROOT, 'infra/simulator/reports'), join(folder, 'infra/simulator/reports'), { recursive: true })
    writeFileSync(join(folder, 'infra', 'setup.mjs'), '')
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    return folder
  }
  for (const name of ['functions', 'lib', 'config', 'infra', 'package.json', 'tsconfig.json', 'tsconfig.build.json']) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  }
  writeFileSync(join(folder, 'infra', 'setup.mjs'), '')
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

function ownerOf(lab: Lab): number {
  const text = readFileSync(join(lab.folder, 'data', 'redis', 'owner-1.json'), 'utf8')
  return (JSON.parse(text) as { pid: number }).pid
}

function redisOf(lab: Lab): number {
  return Number(readFileSync(join(lab.folder, 'data', 'redis', 'redis.pid'), 'utf8'))
}

function isAlive(pid: number): boolean {
  return processIdentity(pid) !== undefined
}

/** A Redis that ended cleanly removes its pid file; one that was left behind has it still. */
function expectNothingLeft(lab: Lab, pids: readonly Program['pid'][]): void {
  expect(pids.filter(isAlive)).toEqual([])
  expect(existsSync(join(lab.folder, 'data', 'redis', 'redis.pid'))).toBe(false)
}
