import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../../../infra/cli/commands/exit-codes.ts'
import { tokenOf } from '../../../infra/cli/commands/client-command.ts'
import { makeProgram } from '../../../infra/cli/program.ts'
import { run } from './support/system.ts'

/** Nobody listens there, and nobody may. */
const NOWHERE = 'http://127.0.0.1:1'

describe('the program', () => {
  it('explains every command, and shows examples of those that people use every day', async () => {
    const { commands } = await makeProgram(['--help'])
    const help = commands.map((command) => {
      let text = ''
      command.configureOutput({ writeOut: (part) => void (text += part) }).outputHelp()
      return { name: command.name(), described: command.description() !== '', examples: text.includes('Examples:') }
    })
    expect(help.length).toBeGreaterThan(20)
    expect(help.filter(({ described }) => !described)).toEqual([])
    const operators = new Set(['config', 'token', 'dead', 'stats', 'rebuild'])
    expect(help.filter(({ name, examples }) => !examples && !operators.has(name))).toEqual([])
  })

  it('loads only the command that runs', async () => {
    const { commands } = await makeProgram(['list', '--json'])
    expect(commands.map((command) => command.name())).toEqual(['list'])
  })

  it('suggests the command that was meant', async () => {
    const { code, stderr } = await run(['resluts'])
    expect(stderr).toContain('results')
    expect(code).toBe(EXIT.usage)
  })

  it.each([
    [['scan']],
    [['list', '--status', 'done']],
    [['list', '--limit', 'many']],
    [['status']],
    [['list', '--nope']],
  ])('ends %j with the exit code for usage', async (args) => {
    expect((await run(args)).code).toBe(EXIT.usage)
  })

  it('ends with a code of its own when there is no gateway, and says what to do', async () => {
    for (const args of [['list'], ['scan', '192.0.2.1'], ['status', 'x', '--json'], ['import', import.meta.filename]]) {
      const { code, stdout, stderr } = await run([...args, '--url', NOWHERE])
      expect({ args, code, stdout }).toEqual({ args, code: EXIT.unreachable, stdout: '' })
      expect(stderr).toContain('nessus-mcp up')
    }
  })

  it('refuses an address that is none', async () => {
    expect(await run(['list', '--url', 'localhost:8836'])).toMatchObject({
      code: EXIT.usage,
      stderr: expect.stringContaining('url: expected an address such as'),
    })
  })

  it('takes the token from where it was given, the command line before the environment', () => {
    const folder = mkdtempSync(join(tmpdir(), 'nessus-mcp-token-'))
    const file = join(folder, 'token')
    writeFileSync(file, 'from-file\n')
    try {
      const env = { NESSUS_MCP_TOKEN: 'from-environment' }
      expect(tokenOf({ token: 'from-flag' }, env)).toBe('from-flag')
      expect(tokenOf({ tokenFile: file }, env)).toBe('from-file')
      expect(tokenOf({}, env)).toBe('from-environment')
      expect(tokenOf({}, { NESSUS_MCP_TOKEN_FILE: file })).toBe('from-file')
      expect(tokenOf({}, {})).toBeUndefined()
      expect(() => tokenOf({ token: 'a', tokenFile: file }, {})).toThrow('not both')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('nessus-mcp completion', () => {
  const bash = spawnSync('bash', ['--version']).status === 0

  it.runIf(bash)('completes commands, options and subcommands in bash', async () => {
    const { stdout } = await run(['completion', 'bash'])
    const complete = (...words: string[]) => {
      const script = `${stdout}\nCOMP_WORDS=(nessus-mcp "$@"); COMP_CWORD=$#; _nessus_mcp; echo "\${COMPREPLY[@]}"`
      const { stdout: answer, stderr } = spawnSync('bash', ['-c', script, 'x', ...words], { encoding: 'utf8' })
      expect(stderr).toBe('')
      return answer.trim().split(' ')
    }
    expect(complete('sca')).toEqual(['scan', 'scanners'])
    expect(complete('scan', '--pri').toSorted()).toEqual(['--priority', '--private-key-file'])
    expect(complete('config', 'ch')).toEqual(['check'])
    expect(complete('config', 'check', '--pr')).toEqual(['--probe'])
  })

  it('knows every command in each shell', async () => {
    const { commands } = await makeProgram(['--help'])
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { stdout, code } = await run(['completion', shell])
      expect(code).toBe(EXIT.ok)
      for (const command of commands) expect(stdout).toContain(command.name())
    }
    expect((await run(['completion', 'tcsh'])).code).toBe(EXIT.usage)
  })
})
