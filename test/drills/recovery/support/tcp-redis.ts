/** Redis servers, sentinels and cluster nodes on ports of their own: what takes part in a failover is reached by address. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'
import { onTestFinished } from 'vitest'
import { until } from '../../../bus/bus-events.ts'
import { serverPrograms } from '../../../support/redis.ts'

export interface TcpRedis {
  readonly port: number
  readonly address: string
  command(...words: string[]): Promise<unknown>
  kill(): Promise<void>
  freeze(): void
  thaw(): void
}

/** A port nobody listens on just now: Redis cannot choose one by itself. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export async function startServer(settings: readonly string[] = []): Promise<TcpRedis> {
  return start(await freePort(), settings)
}

/** A sentinel that decides alone, after half a second of silence. */
export async function startSentinel(name: string, master: TcpRedis): Promise<TcpRedis> {
  const lines = [
    `sentinel monitor ${name} 127.0.0.1 ${master.port} 1`,
    `sentinel down-after-milliseconds ${name} 500`,
    `sentinel failover-timeout ${name} 3000`,
  ]
  return start(await freePort(), ['--sentinel'], lines)
}

async function start(port: number, flags: readonly string[], lines: readonly string[] = []): Promise<TcpRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'nessus-mcp-tcp-redis-'))
  const file = join(folder, 'redis.conf')
  const common = [`port ${port}`, 'bind 127.0.0.1', `dir ${folder}`, 'save ""', 'repl-diskless-sync-delay 0']
  const isSentinel = flags.includes('--sentinel')
  writeFileSync(file, [...common.slice(0, isSentinel ? 3 : undefined), ...lines, ''].join('\n'))
  const { file: program, argv0 } = serverPrograms[0]!
  const child = spawn(program, [file, ...flags], { stdio: 'ignore', argv0 })
  onTestFinished(async () => {
    await end(child)
    await rm(folder, { recursive: true, force: true })
  })
  const command = (...words: string[]) => ask(port, words)
  await until(async () => (await command('PING').catch(() => undefined)) === 'PONG', `a Redis answers on port ${port}`)
  return {
    port,
    address: `127.0.0.1:${port}`,
    command,
    kill: () => end(child),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

async function ask(port: number, words: string[]): Promise<unknown> {
  const client = createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: false }, RESP: 2 })
  client.on('error', () => {})
  try {
    await client.connect()
    return await client.sendCommand(words)
  } finally {
    if (client.isOpen) client.destroy()
  }
}
