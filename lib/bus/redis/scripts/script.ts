import { createHash } from 'node:crypto'
import type { RedisClient } from '../connection/connection.ts'

/**
 * A Lua script: sent by its digest, and in full once to each server that does
 * not know it. It also runs when the server has reached its `maxmemory`, because
 * what goes on must come to its end and free what it takes; but not if it
 * `grows`: then it is refused before it begins.
 */
export class Script {
  readonly #source: string
  readonly #sha: string

  constructor(source: string, { grows = false } = {}) {
    this.#source = `#!lua${grows ? '' : ' flags=allow-oom'}\n${source}`
    this.#sha = createHash('sha1').update(this.#source).digest('hex')
  }

  async run(client: RedisClient, keys: string[], args: string[]): Promise<unknown> {
    try {
      return await client.evalSha(this.#sha, { keys, arguments: args })
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return client.eval(this.#source, { keys, arguments: args })
    }
  }
}
