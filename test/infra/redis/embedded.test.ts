import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type EmbeddedRedis, type EmbeddedRedisOptions, startRedis } from '../../../infra/redis/embedded.ts'
import { findServer, serverFolders } from '../../../infra/redis/find-server.ts'
import { FolderInUse, isOwned, takeOwnership } from '../../../infra/redis/ownership.ts'
import { commandLine, processIdentity } from '../../../infra/redis/process-identity.ts'
import { checkRedis } from '../../../infra/redis/requirements.ts'
import { PermanentError } from '../../../lib/base/errors.ts'
import { silentLog } from '../../../lib/base/log.ts'

let dataDir: string
let started: EmbeddedRedis[]
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'redis-'))
  started = []
})
afterEach(async () => {
  await Promise.all(started.map((redis) => redis.stop()))
  rmSync(dataDir, { recursive: true, force: true })
})

async function start(options: Partial<EmbeddedRedisOptions> = {}): Promise<EmbeddedRedis> {
  const redis = await startRedis({ dataDir, log: silentLog, ...options })
  started.push(redis)
  return redis
}

function connect(url: string) {
  return createClient({ url })
    .on('error', () => {})
    .connect()
}

async function ask<T>(url: string, question: (client: Awaited<ReturnType<typeof connect>>) => Promise<T>): Promise<T> {
  const client = await connect(url)
  try {
    return await question(client)
  } finally {
    client.destroy()
  }
}

/** Makes the owner of the folder look like a process that was killed. */
function forgetOwner(): void {
  const folder = join(dataDir, 'redis')
  for (const name of readdirSync(folder).filter((each) => each.startsWith('owner-'))) rmSync(join(folder, name))
}

test('it serves on its socket alone, durable and never evicting', async () => {
  const redis = await start()
  const facts = await ask(redis.url, (client) => checkRedis({ client, log: silentLog }))
  expect(facts.persistence).toBe('append-only')
  expect(await ask(redis.url, (client) => client.configGet(['port', 'save', 'appendfsync']))).toEqual({
    port: '0',
    save: '',
    appendfsync: 'everysec',
  })
  expect(`${facts.product} ${facts.version}`).toBe(redis.version)
})

test('what it holds survives a stop and a start', async () => {
  const first = await start()
  await ask(first.url, (client) => client.set('kept', 'yes'))
  await first.stop()
  expect(commandLine(first.pid)).toBeUndefined()
  expect(await ask((await start()).url, (client) => client.get('kept'))).toBe('yes')
})

test('a second start on the same folder is refused and names the process that has it', async () => {
  const first = await start()
  await expect(start()).rejects.toThrow(`is in use by process ${process.pid}`)
  await expect(start()).rejects.toThrow(PermanentError)
  expect(await ask(first.url, (client) => client.ping())).toBe('PONG')
})

test('of two starts at once, one gets the folder (H1)', async () => {
  const results = await Promise.allSettled([start(), start()])
  expect(results.map((result) => result.status).toSorted()).toEqual(['fulfilled', 'rejected'])
})

test.each([
  ['spaces and signs', 'a folder #1 with "quotes" and ünïcode?'],
  ['a path too long for a socket', 'long/'.repeat(40)],
])('it copes with %s', async (_what, name) => {
  const deep = join(dataDir, name)
  const redis = await start({ dataDir: deep })
  expect(Buffer.byteLength(redis.socket)).toBeLessThanOrEqual(103)
  expect(await ask(redis.url, (client) => client.ping())).toBe('PONG')
  expect(existsSync(join(deep, 'redis', 'appendonlydir'))).toBe(true)
})

test('the check program that Debian ships without the service runs as the server', async () => {
  const bin = join(dataDir, 'bin')
  mkdirSync(bin)
  const { command } = await findServer(serverFolders(process.env['PATH']))
  symlinkSync(realpathSync(command), join(bin, 'redis-check-rdb'))
  const redis = await start({ searchFolders: [bin] })
  expect(await ask(redis.url, (client) => client.ping())).toBe('PONG')
})

describe('after a run that was killed', () => {
  test('the server it left behind is ended and its data is kept', async () => {
    const crashes: string[] = []
    const orphan = await start({ onCrash: (reason) => crashes.push(reason) })
    await ask(orphan.url, (client) => client.set('kept', 'yes'))
    forgetOwner()
    const next = await start()
    expect(next.pid).not.toBe(orphan.pid)
    expect(commandLine(orphan.pid)).toBeUndefined()
    expect(crashes).toHaveLength(1)
    expect(await ask(next.url, (client) => client.get('kept'))).toBe('yes')
  })

  test('a server that hangs is ended too', async () => {
    const orphan = await start()
    process.kill(orphan.pid, 'SIGSTOP')
    forgetOwner()
    await start()
    expect(commandLine(orphan.pid)).toBeUndefined()
  })

  test('a stranger that runs under the recorded process id is left alone', async () => {
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
    try {
      mkdirSync(join(dataDir, 'redis'))
      writeFileSync(join(dataDir, 'redis', 'redis.pid'), `${stranger.pid}\n`)
      await start()
      expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
    } finally {
      stranger.kill('SIGKILL')
    }
  })

  test('an owner file that names a dead process does not stand in the way', async () => {
    mkdirSync(join(dataDir, 'redis'))
    const dead = {
      pid: process.pid,
      identity: 'another life',
      host: (await import('node:os')).hostname(),
      released: false,
    }
    writeFileSync(join(dataDir, 'redis', 'owner-7.json'), JSON.stringify(dead))
    await start()
    expect(readdirSync(join(dataDir, 'redis')).filter((name) => name.startsWith('owner-'))).toEqual(['owner-8.json'])
  })
})

test('an owner on another host is believed as long as its server answers', async () => {
  const first = await start()
  forgetOwner()
  const elsewhere = { pid: 1, identity: 'unknown here', host: 'another-host', released: false }
  writeFileSync(join(dataDir, 'redis', 'owner-3.json'), JSON.stringify(elsewhere))
  await expect(start()).rejects.toThrow('is in use by process 1 on another-host')
  await first.stop()
  await start()
})

test('a server that dies by itself is reported, once, with the reason', async () => {
  const reason = new Promise<string>((resolve) => {
    void start({ onCrash: resolve }).then(({ pid }) => process.kill(pid, 'SIGKILL'))
  })
  expect(await reason).toBe('was ended by SIGKILL')
})

test('an ordered stop is no crash, and stopping twice is stopping once', async () => {
  const crashes: string[] = []
  const redis = await start({ onCrash: (reason) => crashes.push(reason) })
  await Promise.all([redis.stop(), redis.stop()])
  expect(crashes).toEqual([])
})

test('a server that cannot load its data fails with its last words, and leaves the folder free', async () => {
  const folder = join(dataDir, 'redis', 'appendonlydir')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'appendonly.aof.manifest'), 'not a manifest\n')
  await expect(start()).rejects.toThrow(/exited with code 1; its last words: .*manifest/)
  rmSync(folder, { recursive: true })
  await start()
})

test('a starter that slept while a newer owner came gives way to it', async () => {
  const folder = join(dataDir, 'redis')
  mkdirSync(folder, { recursive: true })
  const owner = { pid: 1, identity: 'x', host: 'another', released: false }
  writeFileSync(join(folder, 'owner-1.json'), JSON.stringify(owner))
  const newer = { pid: process.pid, identity: processIdentity(process.pid), host: hostname(), released: false }
  const answers = async () => {
    // Asleep here: owners 2 and 3 come, and the last one tidies up behind it.
    rmSync(join(folder, 'owner-1.json'), { force: true })
    writeFileSync(join(folder, 'owner-3.json'), JSON.stringify(newer))
    return false
  }
  await expect(takeOwnership(folder, answers)).rejects.toBeInstanceOf(FolderInUse)
  expect(readdirSync(folder)).toEqual(['owner-3.json'])
  expect(await isOwned(folder, answers)).toBe(true)
})
