/** The command line and the client against a gateway that asks for tokens. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { EXIT } from '../../../infra/cli/commands/exit-codes.ts'
import { NessusClient } from '../../../lib/client/index.ts'
import { run, startSystem, type System } from './support/system.ts'

let folder: string
let system: System
let runner: string
let reader: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nessus-mcp-access-'))
  const file = join(folder, 'tokens.yaml')
  const make = async (name: string, scope: string) =>
    (await run(['token', 'new', '--name', name, '--scopes', scope, '--file', file])).stdout.trim()
  runner = await make('runner', 'scan:run')
  reader = await make('reader', 'scan:read')
  system = await startSystem({ env: { AUTH_TOKENS_FILE: file } })
})
afterAll(async () => {
  await system?.stop()
  await rm(folder, { recursive: true, force: true })
})

const nessus = (args: readonly string[], token?: string) =>
  run(args, { env: { NESSUS_MCP_URL: system.url, ...(token === undefined ? {} : { NESSUS_MCP_TOKEN: token }) } })

it('is let in with a token, and told to bring one otherwise', async () => {
  expect((await nessus(['scan', '192.0.2.1'], runner)).code).toBe(EXIT.ok)
  for (const token of [undefined, 'nmcp_wrong']) {
    const { code, stderr } = await nessus(['list'], token)
    expect(stderr).toMatch(/token/i)
    expect(stderr).not.toContain('nmcp_wrong')
    expect(code).toBe(EXIT.failure)
  }
})

it('may do what the token allows, and no more', async () => {
  expect((await nessus(['list'], reader)).code).toBe(EXIT.ok)
  const scan = await nessus(['scan', '192.0.2.1', '--json'], reader)
  expect(JSON.parse(scan.stderr)).toMatchObject({
    error: { code: 'forbidden', message: expect.stringContaining('scan:run') },
  })
  expect(scan.code).toBe(EXIT.failure)
  const upload = await nessus(['import', import.meta.filename], reader)
  expect(upload.stderr).toContain('scan:run')
})

it('tells a program the same', async () => {
  await using nobody = new NessusClient({ url: system.url })
  await expect(nobody.connect()).rejects.toMatchObject({ name: 'ToolError', code: 'unauthenticated' })
  await using client = new NessusClient({ url: system.url, token: reader })
  await expect(client.submitScan({ targets: '192.0.2.1', name: 'x' })).rejects.toMatchObject({ code: 'forbidden' })
  expect(await client.ping()).toBe(true)
  const listed = (await client.listTools()).map(({ name }) => name)
  expect(listed).toContain('get_scan_results')
  expect(listed).not.toContain('run_untrusted_scan')
})
