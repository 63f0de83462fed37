/** All that a Redis holds, as texts: one per key, with its value whatever its type. */
import type { RedisClientType } from 'redis'

type Reader = Pick<RedisClientType, 'keys' | 'type' | 'get' | 'hGetAll' | 'sMembers' | 'zRange' | 'xRange' | 'lRange'>

export async function everyValue(client: Reader): Promise<string[]> {
  const keys = await client.keys('*')
  return Promise.all(keys.map(async (key) => `${key} ${JSON.stringify(await valueOf(client, key))}`))
}

async function valueOf(client: Reader, key: string): Promise<unknown> {
  const type = await client.type(key)
  switch (type) {
    case 'string':
      return client.get(key)
    case 'hash':
      return client.hGetAll(key)
    case 'set':
      return client.sMembers(key)
    case 'zset':
      return client.zRange(key, 0, -1)
    case 'stream':
      return client.xRange(key, '-', '+')
    case 'list':
      return client.lRange(key, 0, -1)
    default:
      // Expired between being listed and being read.
      return type
  }
}
