import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { simulatorCommand } from '../../../infra/simulator/command.ts'

/** Runs the command inside this process until `look` has seen what it printed; then ends it as Ctrl-C does. */
async function runCommand(flags: string[], look: (printed: string) => Promise<void>): Promise<void> {
  const printed: string[] = []
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = (text: string | Uint8Array) => printed.push(String(text)) > 0
  try {
    const done = simulatorCommand()
      .exitOverride()
      .parseAsync(['--port', '0', ...flags], { from: 'user' })
    await expect.poll(() => printed.join('')).toMatch(/\n$/)
    // The command listens for signals once it has printed.
    await expect.poll(() => process.listenerCount('SIGINT')).toBeGreaterThan(0)
    await look(printed.join(''))
    process.emit('SIGINT')
    await done
  } finally {
    process.stdout.write = write
  }
}

describe('nessus-mcp simulator', () => {
  it('prints where it listens, its keys, and an entry for scanners.yaml that works', async () => {
    await runCommand([], async (printed) => {
      const snippet = printed.slice(printed.indexOf('\nnessus:'), printed.indexOf('Ctrl-C'))
      const [entry = {}] = (parse(snippet) as { nessus: Record<string, string>[] }).nessus
      const keys = `accessKey=${entry['access_key']}; secretKey=${entry['secret_key']}`
      const answer = await fetch(`${entry['url']}/scans`, { headers: { 'x-apikeys': keys } })
      expect(answer.status).toBe(200)
    })
  })

  it('prints one line of JSON when asked, with the fingerprint of its certificate', async () => {
    await runCommand(['--json', '--https', '--no-scan-api', '--access-key', 'abc'], async (printed) => {
      const facts = JSON.parse(printed) as Record<string, unknown>
      expect(facts).toMatchObject({ accessKey: 'abc', url: expect.stringMatching(/^https:/) })
      expect(facts['fingerprint']).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
    })
  })

  it('refuses what is no number and an unknown profile, by name', async () => {
    const quiet = new Command().exitOverride().configureOutput({ writeErr() {} })
    quiet.addCommand(simulatorCommand().copyInheritedSettings(quiet))
    for (const flags of [
      ['--port', 'many'],
      ['--profile', '9'],
    ]) {
      await expect(quiet.parseAsync(['simulator', ...flags], { from: 'user' })).rejects.toThrow(
        /option '--(port|profile)/,
      )
    }
  })
})

it('is found by its help, with examples', () => {
  const help: string[] = []
  simulatorCommand()
    .configureOutput({ writeOut: (text) => void help.push(text) })
    .outputHelp()
  expect(help.join('')).toContain('nessus-mcp simulator --https --port 0 --json')
})
