/**
 * Where to connect: a fixed server; the master that sentinels name; or the node
 * of a cluster that holds our one slot. Asked anew at each connection, so that a
 * failover is followed by whoever has to connect again.
 */
import { PermanentError } from '../../../base/errors.ts'
import { type Address, type Node, parseAddress, serverUrl } from './address.ts'
import type { RedisClient } from './client.ts'
import { askSentinels } from './sentinels.ts'
import { isReply } from './redis-errors.ts'

export interface Whereabouts {
  /** The URL of the server to connect to now. Throws when nobody can tell. */
  find(): Promise<string>
  /** Throws when the server that was connected to is not the one that takes writes. */
  check(client: RedisClient): Promise<void>
  /** Hears what went wrong with a command or a connection, and learns from it where to look next. */
  hear(error: unknown): void
}

/** Throws PermanentError when `url` has none of the forms of {@link parseAddress}. */
export function makeWhereabouts(url: string): Whereabouts {
  const address = parseAddress(url)
  switch (address.kind) {
    case 'server':
      return { find: () => Promise.resolve(url), check: async () => {}, hear: refuseCluster }
    case 'sentinel':
      return bySentinels(address)
    case 'cluster':
      return inCluster(address)
  }
}

function bySentinels(address: Address & { kind: 'sentinel' }): Whereabouts {
  const { scheme, sentinelLogin, nodes, master, database } = address
  const urls = nodes.map((node) => serverUrl({ scheme, login: sentinelLogin }, node))
  return {
    find: async () => serverUrl(address, await askSentinels({ urls, master }), database),
    async check(client) {
      // A sentinel may name a server that has yet to learn of its promotion, or of its fall.
      const [role] = (await client.sendCommand(['ROLE'])) as unknown[]
      if (role !== 'master') throw new Error(`the server that sentinels name as ${master} is a ${String(role)} so far`)
    },
    hear() {},
  }
}

/** All our keys lie in one slot, so one node serves us; the others say `MOVED` and which. */
function inCluster(address: Address & { kind: 'cluster' }): Whereabouts {
  let holder: Node | undefined
  let turn = 0
  let asked: Node | undefined
  return {
    find() {
      asked = holder ?? address.nodes[turn % address.nodes.length]!
      return Promise.resolve(serverUrl(address, asked))
    },
    check: async () => {},
    hear(error) {
      const moved = isReply(error) ? /^MOVED \d+ (.*):(\d+)$/.exec(error.message) : null
      if (moved) {
        // A node that does not know its own name leaves the host out: it is the one we asked.
        holder = { host: moved[1] || (asked?.host ?? ''), port: Number(moved[2]) }
      } else if (!isReply(error) || error.message.startsWith('CLUSTERDOWN')) {
        holder = undefined
        turn += 1
      }
    },
  }
}

function refuseCluster(error: unknown): void {
  if (!isReply(error) || !error.message.startsWith('MOVED ')) return
  throw new PermanentError('Redis is a node of a cluster: write REDIS_URL as redis+cluster://host:port,host:port', {
    cause: error,
  })
}
