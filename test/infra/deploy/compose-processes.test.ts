/**
 * The services of docker-compose.yml as plain processes: its commands and its
 * environment as they stand, but for what a container has of its own (addresses,
 * ports, volumes), which are mapped to loopback and a temporary folder.
 */
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { ended, resultOf, submit } from '../../support/http-tools.ts'
import { openTestLab, type Lab } from '../../support/lab.ts'
import { readCounts } from '../../support/simulator-judge.ts'

const PROJECT = new URL('../../../', import.meta.url)
const WORKERS = 2
/** As the head of the compose file says, to try it. */
const SHELL: Readonly<Record<string, string>> = { SCANNER_CONFIG: '/app/config/simulator.yaml' }

interface Service {
  readonly command: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

const read = (path: string) => readFileSync(new URL(path, PROJECT), 'utf8')
const { services } = parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> }

test('docker compose --profile simulator up --scale worker=2: it is healthy, and a scan completes', async () => {
  const lab = openTestLab({ onTestFinished })
  const [program, ...settings] = commandOf('redis')
  expect(program).toBe('valkey-server')
  const [redis, simulatorUrl] = await Promise.all([lab.redis({ settings }), startSimulator(lab)])
  await writeFile(
    join(lab.folder, 'simulator.yaml'),
    read('config/simulator.yaml').replace('http://simulator:8834', simulatorUrl),
  )
  const environment = (service: string, own: Record<string, string>) => ({
    ...mapped(environmentOf(service), { '/data': join(lab.folder, 'data'), '/app/config': lab.folder }),
    REDIS_URL: redis.url,
    HOST: '127.0.0.1',
    ...own,
  })
  const ports = await Promise.all(Array.from({ length: WORKERS }, freePort))
  const workers = ports.map((port, n) =>
    lab.run(`worker-${n}`, commandOf('worker'), { env: environment('worker', { METRICS_PORT: String(port) }) }),
  )
  const gateway = lab.run('gateway', commandOf('gateway'), { env: environment('gateway', { PORT: '0' }) })
  const [, url = ''] = await gateway.said(/"gateway listens","url":"([^"]+)"/)
  await Promise.all(workers.map((worker) => worker.said(/"worker started"/)))

  const addresses = [url, ...ports.map((port) => `http://127.0.0.1:${port}`)]
  const healths = await Promise.all(addresses.map(async (address) => (await fetch(`${address}/health`)).status))
  expect(healths).toEqual(addresses.map(() => 200))

  const taskId = await submit(url, { targets: '192.0.2.10-12', name: 'composed' })
  expect(await ended(url, taskId)).toMatchObject({
    status: 'completed',
    scanner_pool: 'simulated',
    results_available: true,
  })
  expect(await resultOf(url, 'get_scan_results', { task_id: taskId })).toMatchObject({
    text: expect.stringContaining('"type":"vulnerability"'),
  })
  expect((await readCounts(simulatorUrl)).totals).toMatchObject({ creates: 1, launches: 1 })

  const exits = await Promise.all([gateway, ...workers].map((each) => each.stop()))
  expect(exits).toEqual(exits.map(() => ({ code: 0, signal: null })))
})

async function startSimulator(lab: Lab): Promise<string> {
  const args = commandOf('simulator').map((arg) =>
    arg.replace('--host=0.0.0.0', '--host=127.0.0.1').replace(/--port=\d+/, '--port=0'),
  )
  const simulator = lab.run('simulator', [...args, '--json', '--scan-seconds', '1'])
  const [, url = ''] = await simulator.said(/^\{"url":"([^"]+)"/m)
  return url
}

function commandOf(service: string): readonly string[] {
  return services[service]?.command ?? []
}

/** As compose reads it: `${NAME:-default}` is what the shell sets, or the default. */
function environmentOf(service: string): Record<string, string> {
  const variable = /\$\{(\w+):-([^}]*)\}/g
  const given = Object.entries(services[service]?.environment ?? {})
  return Object.fromEntries(
    given.map(([name, value]) => [
      name,
      value.replaceAll(variable, (_, known: string, other: string) => SHELL[known] ?? other),
    ]),
  )
}

function mapped(environment: Record<string, string>, folders: Record<string, string>): Record<string, string> {
  const map = (value: string) => {
    const [from, to] = Object.entries(folders).find(([inside]) => value.startsWith(inside)) ?? []
    return from === undefined || to === undefined ? value : to + value.slice(from.length)
  }
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, map(value)]))
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
