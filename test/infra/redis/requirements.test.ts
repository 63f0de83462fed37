import { expect, test } from 'vitest'
import { checkRedis, type RequirementsClient } from '../../../infra/redis/requirements.ts'
import { PermanentError } from '../../../lib/base/errors.ts'
import type { Log } from '../../../lib/base/log.ts'

function server(info: Record<string, string>, config: Record<string, string> | Error = {}): RequirementsClient {
  return {
    info: () =>
      Promise.resolve(
        `# Server\r\n${Object.entries(info)
          .map((pair) => pair.join(':'))
          .join('\r\n')}\r\n`,
      ),
    configGet: (name) =>
      config instanceof Error
        ? Promise.reject(config)
        : Promise.resolve(name in config ? { [name]: config[name] } : {}),
  }
}

async function checked(client: RequirementsClient) {
  const warnings: string[] = []
  const log: Log = { debug() {}, info() {}, error() {}, warn: (message) => void warnings.push(message) }
  return { facts: await checkRedis({ client, log }), warnings }
}

const GOOD = { redis_version: '7.0.15', maxmemory_policy: 'noeviction', aof_enabled: '1' }
const FORBIDDEN = new Error("ERR unknown command 'CONFIG'")

test('a durable Redis 7 that never evicts passes without a warning, even where CONFIG is forbidden', async () => {
  expect(await checked(server(GOOD, FORBIDDEN))).toEqual({
    facts: { product: 'Redis', version: '7.0.15', persistence: 'append-only' },
    warnings: [],
  })
})

test('Valkey is known by its own version, not by the Redis version it claims for old clients', async () => {
  const { facts } = await checked(server({ ...GOOD, redis_version: '7.2.4', valkey_version: '8.0.1' }))
  expect(facts).toMatchObject({ product: 'Valkey', version: '8.0.1' })
  await expect(checked(server({ ...GOOD, valkey_version: '7.2.6' }))).rejects.toThrow(/got Valkey 7\.2\.6; upgrade it/)
})

test.each(['6.2.14', '6.0.16'])('Redis %s is refused as too old', async (version) => {
  await expect(checked(server({ ...GOOD, redis_version: version }))).rejects.toThrow(
    `expected Redis 7.0 or newer, or Valkey 8.0 or newer, got Redis ${version}`,
  )
})

test.each(['allkeys-lru', 'volatile-lru', 'volatile-ttl'])(
  'an evicting Redis (%s) is refused with the remedy',
  async (policy) => {
    const refusal = checked(server({ ...GOOD, maxmemory_policy: policy }))
    await expect(refusal).rejects.toThrow(`got ${policy}`)
    await expect(refusal).rejects.toThrow('CONFIG SET maxmemory-policy noeviction')
    await expect(refusal).rejects.toThrow(PermanentError)
  },
)

test('where INFO does not tell the policy, CONFIG does', async () => {
  const info = { redis_version: '7.4.0', aof_enabled: '1' }
  await expect(checked(server(info, { 'maxmemory-policy': 'allkeys-lfu' }))).rejects.toThrow('got allkeys-lfu')
  expect((await checked(server(info, { 'maxmemory-policy': 'noeviction' }))).warnings).toEqual([])
  expect((await checked(server(info, FORBIDDEN))).warnings).toEqual([
    expect.stringContaining('does not tell its maxmemory-policy'),
  ])
})

test('a Redis that keeps nothing, only snapshots, or does not say so, is used with a warning', async () => {
  const info = { ...GOOD, aof_enabled: '0' }
  const none = await checked(server(info, { save: '' }))
  const snapshots = await checked(server(info, { save: '3600 1' }))
  const unknown = await checked(server(info, new Error('NOPERM no permission')))
  expect([none, snapshots, unknown].map((each) => each.facts.persistence)).toEqual(['none', 'snapshots', 'unknown'])
  expect([none, snapshots, unknown].map((each) => each.warnings.length)).toEqual([1, 1, 1])
})

test('one that is still reading its file after a restart is not taken for one that keeps nothing', async () => {
  const info = { ...GOOD, aof_enabled: '0', loading: '1' }
  const { facts, warnings } = await checked(server(info, { appendonly: 'yes', save: '' }))
  expect(facts.persistence).toBe('append-only')
  expect(warnings).toEqual([])
  expect((await checked(server(info, { appendonly: 'no', save: '' }))).facts.persistence).toBe('none')
})

test('a lost connection is not taken for a refusal', async () => {
  await expect(checked(server({ ...GOOD, aof_enabled: '0' }, new Error('Socket closed')))).rejects.toThrow(
    'Socket closed',
  )
})

test('something that is no Redis is refused', async () => {
  await expect(checked(server({ server: 'other' }))).rejects.toThrow('does not tell its version')
})
