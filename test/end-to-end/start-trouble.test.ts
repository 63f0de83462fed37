/** What an operator can get wrong before the start: each has a sentence with cause and remedy, exit code 2, and nothing half started. */
import { writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openTestLab } from '../support/lab.ts'

const openHere = () => openTestLab({ onTestFinished })

const ENTRY = { instance_id: 'a', url: 'http://127.0.0.1:1', access_key: 'k', secret_key: 's' }

describe.each(['up', 'worker'])('nessus-mcp %s', (role) => {
  test.each([
    ['bad YAML', 'nessus: [\n  - {', /scanners\.yaml.*line \d/s],
    [
      'a variable that is not set',
      JSON.stringify({ nessus: [{ ...ENTRY, secret_key: '${NESSUS_LAB_SECRET}' }] }),
      /NESSUS_LAB_SECRET/,
    ],
    [
      'an instance id that comes twice',
      JSON.stringify({ nessus: [ENTRY, ENTRY] }),
      /instance ids that differ within a pool, got a twice in nessus/,
    ],
    ['a misspelt setting', JSON.stringify({ nessus: [{ ...ENTRY, max_concurent_scans: 3 }] }), /max_concurrent_scans/],
  ])('%s: says where and what', async (_what, text, expected) => {
    const lab = openHere()
    const redis = await lab.redis()
    await writeFile(join(lab.folder, 'scanners.yaml'), text)
    const program = lab.run(role, [role], { env: { REDIS_URL: redis.url } })
    expect({ ...(await program.exited), said: program.output }).toMatchObject({ code: 2, signal: null })
    expect(program.output).toMatch(expected)
    expect(program.output).toContain('scanners.yaml')
    expect(program.output).not.toMatch(/\n\s+at /)
  })

  test('pools for a worker are refused, since they would not keep networks apart, with what does', async () => {
    const lab = openHere()
    const redis = await lab.redis()
    const program = lab.run(role, [role], { env: { REDIS_URL: redis.url, WORKER_POOLS: 'dmz, lab' } })
    expect({ ...(await program.exited), said: program.output }).toMatchObject({ code: 2, signal: null })
    expect(program.output).toMatch(/WORKER_POOLS: expected none, got dmz, lab.*every worker serves every pool/s)
    expect(program.output).toMatch(/REDIS_PREFIX, DATA_DIR/)
    expect(program.output).not.toMatch(/\n\s+at |worker started/)
  })

  test('an evicting Redis is refused, with the command that mends it', async () => {
    const lab = openHere()
    const redis = await lab.redis({ settings: ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'] })
    const program = lab.run(role, [role], { env: { REDIS_URL: redis.url } })
    expect({ ...(await program.exited), said: program.output }).toMatchObject({ code: 2, signal: null })
    expect(program.output).toMatch(/got allkeys-lru.*CONFIG SET maxmemory-policy noeviction/s)
  })

  test('a Redis that is not there: says where it was looked for and what to do', async () => {
    const lab = openHere()
    const program = lab.run(role, [role], { env: { REDIS_URL: `unix:${join(lab.folder, 'nothing.sock')}` } })
    expect({ ...(await program.exited), said: program.output }).toMatchObject({ code: 2, signal: null })
    expect(program.output).toMatch(/nothing\.sock/)
    expect(program.output).toMatch(/REDIS_URL/)
  })
})

test.each([
  ['a port that is in use', async () => String(await takenPort()), /Port \d+ on 127\.0\.0\.1 is in use.*PORT=/s],
  ['a port that is none', () => Promise.resolve('http'), /PORT: expected.*"http"/s],
])('%s: says so, and leaves no Redis behind', async (_what, port, expected) => {
  const lab = openHere()
  const program = lab.run('up', ['up'], { env: { PORT: await port() } })
  expect({ ...(await program.exited), said: program.output }).toMatchObject({ code: 2, signal: null })
  expect(program.output).toMatch(expected)
  // A server that ends cleanly removes its own pid file.
  expect(existsSync(join(lab.folder, 'data', 'redis', 'redis.pid'))).toBe(false)
})

test('a second `up` in the same folder says that the first has it, and the first goes on', async () => {
  const lab = openHere()
  const first = lab.run('first', ['up'])
  const [, url = ''] = await first.said(/MCP endpoint\s+(\S+)\/mcp/)
  const second = lab.run('second', ['up'])
  expect({ ...(await second.exited), said: second.output }).toMatchObject({ code: 2 })
  expect(second.output).toMatch(/in use/)
  expect((await fetch(`${url}/health`)).status).toBe(200)
  expect(await first.stop()).toEqual({ code: 0, signal: null })
})

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return (server.address() as AddressInfo).port
}
