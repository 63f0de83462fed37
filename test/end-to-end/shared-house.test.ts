/** Several processes on one data directory, as a desktop client starts them: whoever leaves, the others and their scans go on. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { expect, onTestFinished, test } from 'vitest'
import { openTestLab, type Lab } from '../support/lab.ts'

const SCAN_SECONDS = '6'

test.each(['closes its pipe', 'is killed'])(
  'the second of two clients and its scan go on when the first %s (H2, H3)',
  async (how) => {
    const lab = openTestLab({ onTestFinished })
    const [first, second] = await Promise.all([desktop(lab), desktop(lab)])
    // A client may start its server once to ask what it speaks, and again to use it.
    const pids = [first.pid, second.pid]
    await expect.poll(() => pids.includes(hostOf(lab)), { timeout: 20_000 }).toBe(true)
    const [leaving, staying] = first.pid === hostOf(lab) ? [first, second] : [second, first]
    const { task_id } = await staying.call('run_untrusted_scan', { targets: '192.0.2.10', name: 'goes on' })
    await until(
      () => staying.call('get_scan_status', { task_id }),
      ({ status }) => status === 'running',
    )
    if (how === 'is killed') process.kill(leaving.pid, 'SIGKILL')
    else await leaving.close()
    const ended = await until(
      () => staying.call('get_scan_status', { task_id }),
      ({ status }) => /completed|failed/.test(String(status)),
    )
    expect(ended).toMatchObject({ status: 'completed', results_available: true })
    expect(hostOf(lab)).toBe(staying.pid)
  },
)

test('a client that had joined a running `up` takes over when that ends, and its scan goes on', async () => {
  const lab = openTestLab({ onTestFinished })
  const up = lab.run('up', ['up', '--scan-seconds', SCAN_SECONDS])
  await up.said(/MCP endpoint/)
  const client = await desktop(lab)
  expect(hostOf(lab)).toBe(up.pid)
  const { task_id } = await client.call('run_untrusted_scan', { targets: '192.0.2.10', name: 'goes on' })
  await until(
    () => client.call('get_scan_status', { task_id }),
    ({ status }) => status === 'running',
  )
  expect(await up.stop('SIGINT')).toEqual({ code: 0, signal: null })
  const ended = await until(
    () => client.call('get_scan_status', { task_id }),
    ({ status }) => /completed|failed/.test(String(status)),
  )
  expect(ended).toMatchObject({ status: 'completed', results_available: true })
  expect(hostOf(lab)).toBe(client.pid)
})

test('a second `up` touches nothing of the one that runs', async () => {
  const lab = openTestLab({ onTestFinished })
  const redis = await lab.redis()
  for (const env of [{}, { REDIS_URL: redis.url, DATA_DIR: join(lab.folder, 'other') }]) {
    const first = lab.run('first', ['up'], { env })
    await first.said(/MCP endpoint/)
    const file = join(lab.folder, 'DATA_DIR' in env ? 'other' : 'data', 'simulator.yaml')
    const before = [readFileSync(file, 'utf8'), statSync(file).mtimeMs]
    const second = lab.run('second', ['up'], { env })
    expect({ ...(await second.exited), said: second.output }).toMatchObject({
      code: 2,
      said: expect.stringContaining('is in use') as string,
    })
    expect([readFileSync(file, 'utf8'), statSync(file).mtimeMs]).toEqual(before)
    await first.stop()
  }
})

async function desktop(lab: Lab) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [join(lab.installed, 'dist/infra/main.js'), 'stdio', '--scan-seconds', SCAN_SECONDS],
    cwd: lab.installed,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: lab.folder,
      DATA_DIR: join(lab.folder, 'data'),
      POLL_INTERVAL_SECONDS: '0.5',
      LEASE_SECONDS: '5',
    },
    stderr: 'pipe',
  })
  const client = new Client({ name: 'desktop', version: '1' }, { versionNegotiation: { mode: 'auto' } })
  await client.connect(transport)
  onTestFinished(() => client.close())
  return {
    pid: transport.pid ?? -1,
    call: async (name: string, args: Record<string, unknown>) => {
      const { structuredContent, content } = await client.callTool({ name, arguments: args })
      return (structuredContent ?? { status: JSON.stringify(content) }) as Record<string, unknown>
    },
    close: () => client.close(),
  }
}

async function until<T>(look: () => Promise<T>, done: (seen: T) => boolean): Promise<T> {
  for (;;) {
    const seen = await look()
    if (done(seen)) return seen
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

function hostOf(lab: Lab): number {
  const folder = join(lab.folder, 'data', 'redis')
  for (let number = 9; number > 0; number--) {
    try {
      return (JSON.parse(readFileSync(join(folder, `owner-${number}.json`), 'utf8')) as { pid: number }).pid
    } catch {
      continue
    }
  }
  return -1
}
