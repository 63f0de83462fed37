import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findServer, serverFolders } from '../../../infra/redis/find-server.ts'
import { PermanentError } from '../../../lib/base/errors.ts'

let root: string
let count = 0
beforeAll(() => void (root = mkdtempSync(join(tmpdir(), 'find-'))))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A folder with programs that print the given text. */
function folderWith(programs: Record<string, string>): string {
  const folder = join(root, String(++count))
  rmSync(folder, { recursive: true, force: true })
  mkdtempSync(`${folder}-`)
  return Object.entries(programs).reduce(
    (path, [name, output]) => {
      writeFileSync(join(path, name), `#!/bin/sh\necho '${output}'\n`)
      chmodSync(join(path, name), 0o755)
      return path
    },
    mkdtempSync(`${folder}-`),
  )
}

const REDIS_6 = 'Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64 build=a3fdef44459b3ad6'
const REDIS_7 = 'Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=ae4d7c971a948f0'
const VALKEY_8 = 'Valkey server v=8.0.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1'

test('a new enough redis-server is found with its version', async () => {
  const folder = folderWith({ 'redis-server': REDIS_7 })
  expect(await findServer([folder])).toEqual({
    product: 'Redis',
    version: '7.0.15',
    command: join(folder, 'redis-server'),
    argv0: 'redis-server',
  })
})

test('an old Redis is passed over for a Valkey in another folder', async () => {
  const found = await findServer([folderWith({ 'redis-server': REDIS_6 }), folderWith({ 'valkey-server': VALKEY_8 })])
  expect(found).toMatchObject({ product: 'Valkey', version: '8.0.1' })
})

test('redis-check-rdb will do where there is no redis-server, called by the other name', async () => {
  expect(await findServer([folderWith({ 'redis-check-rdb': REDIS_7 })])).toMatchObject({ argv0: 'redis-server' })
})

test('a machine with only an old one is told so, with the remedy', async () => {
  const folder = folderWith({ 'redis-server': REDIS_6 })
  await expect(findServer([folder])).rejects.toThrow(`too old: ${join(folder, 'redis-server')} is Redis 6.0.16`)
  await expect(findServer([folder])).rejects.toThrow(/Install one .* or set REDIS_URL/)
})

test('a machine with none is told how to get one', async () => {
  await expect(findServer([folderWith({})])).rejects.toThrow(PermanentError)
  await expect(findServer([folderWith({})])).rejects.toThrow(
    /^no Redis 7\.0 or newer, or Valkey 8\.0 or newer on this machine\. Install/,
  )
})

test('a program of that name that is something else is passed over', async () => {
  await expect(findServer([folderWith({ 'redis-server': 'hello' })])).rejects.toThrow('no Redis')
})

test('the PATH comes before the usual folders, each once', () => {
  const folders = serverFolders('/opt/mine:/usr/bin')
  expect(folders.slice(0, 2)).toEqual(['/opt/mine', '/usr/bin'])
  expect(new Set(folders).size).toBe(folders.length)
})
