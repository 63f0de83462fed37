/** Operators' commands, run as they are, on a Redis with letters that were put there by hand. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { letterIdsLast } from '../../../infra/cli/operator/letter-options.ts'
import { childEvent, eventId } from '../../../lib/bus/event.ts'
import { withoutParticulars } from '../../../lib/scan-work/recover/without-particulars.ts'
import { startRedis, type TestRedis } from '../../support/redis.ts'
import { run } from './support/system.ts'

const PROGRAM = fileURLToPath(new URL('../../../dist/infra/main.js', import.meta.url))
const DASHED = `-${'a'.repeat(21)}`
const NOON_MS = Date.parse('2026-11-21T12:00:00Z')
const HOUR_MS = 3_600_000
let redis: TestRedis
let folder: string
let client: ReturnType<typeof createClient>
beforeAll(async () => {
  redis = await startRedis()
  folder = mkdtempSync(join(tmpdir(), 'operator-'))
  client = createClient({ socket: { path: redis.socket, tls: false } })
  await client.connect()
})
afterAll(async () => {
  client.destroy()
  await redis.stop()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(async () => void (await client.flushAll()))

const env = () => ({ REDIS_URL: redis.url, DATA_DIR: folder })
const dead = (...args: string[]) => run(['dead', ...args], { env: env() })
const letters = async () => (await client.hKeys('{nessus}:dead:open')).sort()

/** A letter of the tool call `event`, given up at `atMs`. */
async function addLetter(event: string, atMs = NOON_MS): Promise<void> {
  const letter = `${event}@probe`
  const at = String(atMs)
  const fields = { letter, function: 'probe', type: 'probe.due', attempts: '8', deliveries: '1', first: at, last: at }
  await client.xAdd('{nessus}:dead', `${atMs}-*`, { ...fields, error: JSON.stringify(['it broke']), e: '{}' })
  await client.hSet('{nessus}:dead:open', letter, 'probe')
}

describe('dead discard', () => {
  test('wants a choice, does nothing with --dry-run, and only what --until allows', async () => {
    await addLetter('early', NOON_MS - HOUR_MS)
    await addLetter('late', NOON_MS + HOUR_MS)
    expect((await dead('discard')).code).toBe(2)
    expect(await dead('discard', '--all', '--dry-run')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('would be discarded') as string,
    })
    expect(await letters()).toEqual(['early@probe', 'late@probe'])
    expect(await dead('discard', '--until', '2026-11-21T12:00Z')).toMatchObject({ code: 0 })
    expect(await letters()).toEqual(['late@probe'])
    expect(await client.xLen('{nessus}:dead')).toBe(1)
  })

  test('goes on to the last letter though its reader has left', async () => {
    for (let n = 0; n < 6; n++) await addLetter(`n${n}`, NOON_MS + n)
    const child = spawn(process.execPath, [PROGRAM, 'dead', 'discard', '--all', '--rate', '20'], {
      env: { PATH: process.env['PATH'] ?? '', ...env() },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child.stdout.once('data', () => child.stdout.destroy())
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(await letters()).toEqual([])
  })

  test('takes a letter whose id begins with a dash', async () => {
    await addLetter(DASHED)
    expect(await dead('show', `${DASHED}@probe`)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('it broke') as string,
    })
    expect(await dead('discard', `${DASHED}@probe`, '--json')).toMatchObject({ code: 0 })
    expect(await letters()).toEqual([])
  })
})

test('no event has an id that a command line takes for an option', () => {
  expect(eventId(DASHED)).toBe(`0${'a'.repeat(21)}`)
  const parent = { specversion: '1.0' as const, id: 'p', type: 't', source: 's', time: '', data: {} }
  const ids = Array.from(
    { length: 2000 },
    (_, n) => childEvent(parent, n, { type: 't', data: {} }, { source: 's', now: new Date(0) }).id,
  )
  expect(ids.filter((id) => id.startsWith('-'))).toEqual([])
  expect(new Set(ids).size).toBe(2000)
})

test('only ids of letters are put behind the options, and only for `dead`', () => {
  const id = `${DASHED}@export`
  expect(letterIdsLast(['dead', 'show', id, '--json'])).toEqual(['dead', 'show', '--json', '--', id])
  expect(letterIdsLast(['dead', 'list', '--error', '-x'])).toEqual(['dead', 'list', '--error', '-x'])
  expect(letterIdsLast(['list', id])).toEqual(['list', id])
})

test('letters of one cause are counted together; scanners and statuses are kept apart', () => {
  const of = (scanner: string, status: number, scan: number) =>
    withoutParticulars(`scanner ${scanner}: cannot export scan ${scan} (${status}) after ${scan} s`)
  expect(of('nessus/one1', 403, 12)).toBe(of('nessus/one1', 403, 345))
  expect(of('nessus/one1', 403, 12)).not.toBe(of('nessus/one2', 403, 12))
  expect(of('nessus/one1', 403, 12)).not.toBe(of('nessus/one1', 404, 12))
  const named = (id: string) => withoutParticulars(`ns_local_20261121_093000_${id} is gone`)
  expect(named('1f2e3d4c')).toBe(named('aaaaaaaa'))
})

test('rebuild ends with 1 when a snapshot was left out, and with 0 when none was', async () => {
  expect(await run(['rebuild'], { env: env() })).toMatchObject({ code: 0 })
  const scan = join(folder, 'ns_local_20261121_093000_1f2e3d4c')
  mkdirSync(scan)
  writeFileSync(join(scan, 'task.json'), '{"task_id":')
  const { code, stdout } = await run(['rebuild'], { env: env() })
  expect({ code, said: stdout.includes('left out') }).toEqual({ code: 1, said: true })
})
