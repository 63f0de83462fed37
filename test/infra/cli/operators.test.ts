/** Goal: what operators change is what they chose, and the exit code says whether it was done. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { RedisBus } from '../../../lib/bus/redis/redis-bus.ts'
import { scanKeys } from '../../../lib/scans/scan-keys.ts'
import { startRedis, type TestRedis } from '../../support/redis.ts'
import { queuedScan, TASK } from '../../support/scan-record.ts'
import { run } from './support/system.ts'

const HOUR_MS = 3_600_000

let redis: TestRedis
let folder: string
let bus: RedisBus
let env: Record<string, string>
let worlds = 0
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())
beforeEach(async ({ onTestFinished }) => {
  folder = await mkdtemp(join(tmpdir(), 'nessus-mcp-operator-'))
  const name = `operators-${(worlds += 1)}`
  bus = new RedisBus({ url: redis.url, name, consumer: 'test' })
  const dataDir = join(folder, 'data')
  await mkdir(dataDir)
  await writeFile(join(folder, 'scanners.yaml'), '{}')
  env = { REDIS_URL: redis.url, REDIS_PREFIX: name, DATA_DIR: dataDir, SCANNER_CONFIG: join(folder, 'scanners.yaml') }
  onTestFinished(async () => {
    await bus.close()
    await rm(folder, { recursive: true, force: true })
  })
})

async function letter(id: string, ageHours: number, open = true): Promise<void> {
  const last = String(Date.now() - ageHours * HOUR_MS)
  const fields = [
    'letter',
    id,
    'function',
    'poll',
    'type',
    'scan.poll-due',
    'first',
    last,
    'last',
    last,
    'error',
    '["x"]',
    'e',
    '{}',
  ]
  await bus.publish([], {
    guards: [],
    writes: [
      ['XADD', bus.keys.dead, '*', ...fields],
      ...(open ? [['HSET', bus.keys.openLetters, id, 'poll'] as const] : []),
    ],
  })
}
const left = async () => (await bus.keyspace.entries(bus.keys.dead, '-', 100)).map(({ fields }) => fields['letter'])
const discard = (...args: string[]) => run(['dead', 'discard', ...args, '--rate', '1000'], { env })

describe('dead discard', () => {
  beforeEach(async () => {
    for (const [id, hours] of [
      ['old@poll', 50],
      ['middle@poll', 5],
      ['new@poll', 0],
    ] as const) {
      await letter(id, hours)
    }
  })

  test('without a choice is refused, and takes nothing', async () => {
    const { code, stderr } = await discard()
    expect(code).toBe(2)
    expect(stderr).toContain('say which letters to discard, or --all')
    expect(await left()).toHaveLength(3)
  })

  test('with --dry-run says what it would do, and takes nothing', async () => {
    const { code, stdout } = await discard('--all', '--dry-run')
    expect(code).toBe(0)
    expect(stdout).toMatch(/3 of 3 would be done/)
    expect(await left()).toHaveLength(3)
  })

  test('with --until takes what is older, and nothing that came after', async () => {
    expect((await discard('--until', '1d')).code).toBe(0)
    expect(await left()).toEqual(['middle@poll', 'new@poll'])
    expect((await discard('--until', '2h')).code).toBe(0)
    expect(await left()).toEqual(['new@poll'])
  })

  test('of one letter takes that one, once', async () => {
    expect((await discard('middle@poll')).code).toBe(0)
    expect(await left()).toEqual(['old@poll', 'new@poll'])
    expect((await discard('middle@poll')).code).toBe(5)
  })

  test('takes a letter that is in the stream alone too', async () => {
    await letter('by-hand', 0, false)
    expect((await discard('by-hand')).code).toBe(0)
    expect(await left()).not.toContain('by-hand')
  })
})

describe('rebuild', () => {
  const folderOf = async (taskId: string, text: string) => {
    await mkdir(join(env['DATA_DIR']!, taskId))
    await writeFile(join(env['DATA_DIR']!, taskId, 'task.json'), text)
  }
  const OTHER = `${TASK.slice(0, -1)}2`

  test('ends with 0 when every scan is there', async () => {
    await folderOf(TASK, JSON.stringify(queuedScan()))
    const { code, stdout } = await run(['rebuild'], { env })
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^1 scans came back/m) })
  })

  test.each([
    ['is damaged', '{"task_id":'],
    ['is of another scan', JSON.stringify(queuedScan())],
  ])('ends with 1 and names the scan whose task.json %s; the others come back', async (_, text) => {
    await folderOf(TASK, JSON.stringify(queuedScan()))
    await folderOf(OTHER, text)
    const { code, stdout } = await run(['rebuild'], { env })
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(new RegExp(`^${OTHER}  left out`, 'm')) })
    expect(stdout).toMatch(/^1 scans came back/m)
  })

  test('ends with an error, not with "0 scans", where the data directory is not there', async () => {
    await rm(env['DATA_DIR']!, { recursive: true })
    const { code, stderr } = await run(['rebuild'], { env })
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/data directory .* is gone/)
  })

  test('puts a record that cannot be read back, also one of another type', async () => {
    const keys = scanKeys(bus.keys.prefix)
    await folderOf(TASK, JSON.stringify(queuedScan()))
    await bus.connection.call((client) => client.set(keys.scan(TASK), 'a text'))
    const { code, stdout } = await run(['rebuild'], { env })
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(new RegExp(`^${TASK}  put back`, 'm')) })
    expect(await bus.keyspace.hash(keys.scan(TASK))).toMatchObject({ status: 'queued' })
  })
})
