import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXIT } from '../../../infra/cli/commands/exit-codes.ts'
import { startSimulator } from '../../../infra/simulator/simulator.ts'
import { makeAuth } from '../../../lib/gateway/auth/auth.ts'
import { silentLog } from '../../../lib/base/log.ts'
import { run } from './support/system.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nessus-mcp-config-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function scannersFile(text: string): Promise<Record<string, string>> {
  const file = join(folder, 'scanners.yaml')
  await writeFile(file, text)
  return { SCANNER_CONFIG: file }
}

describe('nessus-mcp config check', () => {
  it('tells everything that is wrong with settings, scanners and tokens at once', async () => {
    const env = await scannersFile('dmz:\n  - instance_id: a_b\n    url: https://x:8834\n    max_concurrent_scans: 0\n')
    const tokens = join(folder, 'bad-tokens.yaml')
    await writeFile(tokens, '- name: laptop\n  sha256: abc\n  scopes: [everything]\n')
    const bad = await run(['config', 'check'], { env: { ...env, AUTH_TOKENS_FILE: tokens } })
    expect(bad.code).toBe(EXIT.usage)
    for (const part of ['instance_id', 'max_concurrent_scans', 'sha256', 'scopes']) {
      expect(bad.stderr).toContain(part)
    }
    const settings = await run(['config', 'check', '--json'], { env: { PORT: 'many', LOG_LEVEL: 'loud' } })
    expect(settings.code).toBe(EXIT.usage)
    const problems = [expect.stringMatching(/^PORT: expected/), expect.stringMatching(/^LOG_LEVEL: expected/)]
    expect(JSON.parse(settings.stdout)).toMatchObject({ ok: false, problems: expect.arrayContaining(problems) })
  })

  it('names a variable that is not set', async () => {
    const env = await scannersFile('dmz:\n  - url: https://x:8834\n    access_key: ${MISSING_KEY}\n    secret_key: s\n')
    const { code, stderr } = await run(['config', 'check'], { env })
    expect({ code, named: stderr.includes('MISSING_KEY') }).toEqual({ code: EXIT.usage, named: true })
  })

  it('says that no scanner is configured where there is no file', async () => {
    const { code, stderr } = await run(['config', 'check'], { cwd: folder })
    expect(stderr).toContain('config/scanners.yaml configures no scanner')
    expect(code).toBe(EXIT.ok)
  })

  it.each(['config', 'up', 'worker', 'stdio'])(
    'refuses a scanners file that is set and missing: %s',
    async (command) => {
      const args = command === 'config' ? ['config', 'check'] : [command]
      const { code, stderr } = await run(args, {
        cwd: folder,
        env: { SCANNER_CONFIG: 'none.yaml', REDIS_URL: 'redis://127.0.0.1:1' },
      })
      expect(stderr).toContain('SCANNER_CONFIG: expected a file that is there, got none at none.yaml')
      expect(code).toBe(EXIT.usage)
    },
  )

  it('asks the scanners with --probe, and never shows their secrets', async () => {
    const simulator = await startSimulator({ port: 0, scanSeconds: 1 })
    try {
      const keys = `access_key: ${simulator.accessKey}\n    secret_key: ${simulator.secretKey}`
      const good = `  - instance_id: good\n    url: ${simulator.url}\n    ${keys}\n`
      const away =
        '  - instance_id: away\n    url: http://127.0.0.1:9\n    access_key: canary-a\n    secret_key: canary-s\n'
      const ready = await run(['config', 'check', '--probe'], { env: await scannersFile(`dmz:\n${good}`) })
      expect(ready).toMatchObject({
        code: EXIT.ok,
        stdout: expect.stringMatching(/^dmz\/good\tyes\t2\tready, launch allowed\t/),
      })
      const one = await run(['config', 'check', '--probe', '--json'], {
        env: await scannersFile(`dmz:\n${good}${away}`),
      })
      expect(one.code).toBe(EXIT.usage)
      expect(JSON.parse(one.stdout).problems).toEqual([expect.stringContaining('dmz/away')])
      expect(one.stdout + one.stderr).not.toMatch(/canary/)
      expect(one.stdout + one.stderr).not.toContain(simulator.secretKey)
    } finally {
      await simulator.close()
    }
  })
})

describe('nessus-mcp token new', () => {
  it('adds a token that the gateway knows, and keeps only its hash', async () => {
    const file = join(folder, 'tokens.yaml')
    const first = await run(['token', 'new', '--name', 'laptop', '--file', file])
    const second = await run(['token', 'new', '--name', 'nightly', '--scopes', 'scan:read', '--file', file])
    const text = await readFile(file, 'utf8')
    expect(text).not.toContain(first.stdout.trim())
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const auth = makeAuth({ file, now: () => 0, log: silentLog })
    try {
      expect(auth.identify(`Bearer ${first.stdout.trim()}`)).toMatchObject({
        name: 'laptop',
        scopes: ['scan:read', 'scan:run'],
      })
      expect(auth.identify(`Bearer ${second.stdout.trim()}`)).toMatchObject({ name: 'nightly', scopes: ['scan:read'] })
    } finally {
      auth.close()
    }
  })

  it('refuses what the gateway would refuse, and leaves the file as it was', async () => {
    const file = join(folder, 'more-tokens.yaml')
    await run(['token', 'new', '--name', 'laptop', '--file', file])
    const before = await readFile(file, 'utf8')
    const twice = await run(['token', 'new', '--name', 'laptop', '--file', file])
    expect(twice).toMatchObject({ code: EXIT.usage, stdout: '', stderr: expect.stringContaining('laptop twice') })
    for (const flags of [
      ['--scopes', 'everything'],
      ['--expires', 'someday'],
    ]) {
      const bad = await run(['token', 'new', '--name', 'x', '--file', file, ...flags])
      expect(bad).toMatchObject({ code: EXIT.usage, stdout: '' })
    }
    expect(await readFile(file, 'utf8')).toBe(before)
  })
})
