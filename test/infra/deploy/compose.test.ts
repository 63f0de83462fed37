import * as v from 'valibot'
import { expect, test } from 'vitest'
import { loadSettings } from '../../../config/settings.ts'
import { settingNames } from '../../../config/settings-table.ts'
import { parseConfiguration } from '../../../lib/scanners/configuration/configuration.ts'
import { read, yamlDocuments } from './deployment-files.ts'

const Service = v.looseObject({
  image: v.string(),
  command: v.array(v.string()),
  environment: v.optional(v.record(v.string(), v.string()), {}),
  ports: v.optional(v.array(v.string()), []),
  volumes: v.optional(v.array(v.string()), []),
  read_only: v.literal(true),
  stop_grace_period: v.string(),
})
const Compose = v.looseObject({
  services: v.record(v.string(), Service),
  volumes: v.record(v.string(), v.null()),
})
const { services, volumes } = v.parse(Compose, yamlDocuments('docker-compose.yml')[0])
const service = (name: string) => v.parse(Service, services[name])

/** As compose reads it when the shell sets nothing: `${NAME:-default}` is its default. */
function interpolated(value: string): string {
  return value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')
}

test('there are a Redis, a gateway, a worker and a simulator, and each role runs its own subcommand', () => {
  expect(Object.keys(services)).toEqual(['redis', 'gateway', 'worker', 'simulator'])
  for (const role of ['gateway', 'worker', 'simulator']) expect(service(role).command[0]).toBe(role)
})

test('every environment variable is a setting, and its value is accepted', () => {
  for (const role of ['gateway', 'worker']) {
    const environment = service(role).environment
    expect(Object.keys(environment).filter((name) => !settingNames().includes(name))).toEqual([])
    // The image keeps this folder's files below /app.
    const values = Object.entries(environment).map(([name, value]) => [
      name,
      interpolated(value).replace(/^\/app\//, ''),
    ])
    expect(() => loadSettings(Object.fromEntries(values) as Record<string, string>)).not.toThrow()
  }
})

test('Redis keeps what it holds and never evicts', () => {
  const command = service('redis').command.join(' ')
  expect(command).toContain('--appendonly yes')
  expect(command).toContain('--maxmemory-policy noeviction')
  expect(service('redis').volumes).toEqual(['redis:/data'])
})

test('only the gateway is published, and only on loopback unless asked otherwise, for it asks for no tokens', () => {
  expect(service('gateway').ports.map(interpolated)).toEqual(['127.0.0.1:8836:8836'])
  for (const name of ['redis', 'worker', 'simulator']) expect(service(name).ports).toEqual([])
})

test('workers scale: nothing about them can exist only once', () => {
  expect(service('worker')).not.toHaveProperty('container_name')
  expect(service('worker')).not.toHaveProperty('hostname')
})

test('gateway and worker share the data and read the configuration only', () => {
  for (const role of ['gateway', 'worker']) {
    expect(service(role).volumes).toEqual(['data:/data', './config:/app/config:ro'])
  }
  expect(Object.keys(volumes)).toEqual(['redis', 'data'])
})

test('a stopping process gets more time than it may take', () => {
  const graceMs = loadSettings({}).shutdownGraceMs
  for (const role of ['gateway', 'worker']) {
    expect(Number.parseInt(service(role).stop_grace_period, 10) * 1000).toBeGreaterThan(graceMs)
  }
})

test('the simulator runs only on request, and the ready-made configuration opens it', () => {
  const simulator = service('simulator')
  expect(simulator['profiles']).toEqual(['simulator'])
  const [entry] = parseConfiguration({
    text: read('config/simulator.yaml'),
    file: 'config/simulator.yaml',
    env: {},
    readFile: () => '',
  }).entries
  expect(simulator.command).toContain(`--access-key=${entry?.accessKey}`)
  expect(simulator.command).toContain(`--secret-key=${entry?.secretKey}`)
  expect(entry?.url).toBe('http://simulator:8834')
})

test('the image is built in stages, runs as an ordinary user and asks after its own health', () => {
  const dockerfile = read('infra/deploy/Dockerfile')
  expect(dockerfile.match(/^FROM /gm)).toHaveLength(3)
  expect(dockerfile).toMatch(/npm ci --omit=dev/)
  expect(dockerfile).toMatch(/^USER node$/m)
  expect(dockerfile).toMatch(/^HEALTHCHECK /m)
  expect(dockerfile).not.toMatch(/^\s*(RUN|CMD) .*\b(curl|wget)\b|:latest/m)
})

test('environment variables of the image are settings', () => {
  const block = /^ENV ((?:.*\\\n)*.*)$/m.exec(read('infra/deploy/Dockerfile'))?.[1] ?? ''
  const names = [...block.matchAll(/([A-Z_]+)=/g)].map((match) => match[1])
  expect(names.filter((name) => name !== 'NODE_ENV' && !settingNames().includes(name ?? ''))).toEqual([])
  expect(names.length).toBeGreaterThan(1)
})

test('what the image copies is not kept from the builder', () => {
  const sent = read('.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1))
  const copied = [...read('infra/deploy/Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
    (match) => match[1]?.split(' ') ?? [],
  )
  expect(copied.filter((path) => !sent.includes(path))).toEqual([])
})
