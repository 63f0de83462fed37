import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe } from 'vitest'
import { MemoryServer } from '../../lib/bus/memory/memory-bus.ts'
import { RedisBus } from '../../lib/bus/redis/redis-bus.ts'
import { serverPrograms, startRedis, type TestRedis } from '../support/redis.ts'
import { busConformance, type BusWorld } from './bus.conformance.ts'
import { followConformance } from './follow.conformance.ts'
import { keyspaceConformance } from './keyspace.conformance.ts'
import { settleConformance } from './settle.conformance.ts'

function everything(makeWorld: () => Promise<BusWorld>): void {
  busConformance(makeWorld)
  settleConformance(makeWorld)
  keyspaceConformance(makeWorld)
  followConformance(makeWorld)
}

async function memoryWorld(): Promise<BusWorld> {
  let nowMs = 1_800_000_000_000
  const server = new MemoryServer({ now: () => nowMs, leaseMs: 1000 })
  return {
    async worker(consumer, functions) {
      const bus = server.bus(consumer)
      await bus.pull(new Map(functions.map((name) => [name, 0])))
      return bus
    },
    stalled: (consumer) => server.bus(consumer),
    async pass(ms) {
      nowMs += ms
    },
    leaseMs: 1000,
    async close() {},
  }
}

describe('in memory', () => {
  everything(memoryWorld)
})

describe.each(serverPrograms)('$argv0', (program) => {
  let redis: TestRedis
  let worlds = 0
  beforeAll(async () => {
    redis = await startRedis({ program, settings: ['--stream-node-max-entries', '100'] })
  })
  afterAll(() => redis.stop())

  async function redisWorld(): Promise<BusWorld> {
    const name = `world-${(worlds += 1)}`
    const leaseMs = 240
    const buses: RedisBus[] = []
    const make = (consumer: string) => {
      const bus = new RedisBus({ url: redis.url, name, consumer, leaseMs })
      buses.push(bus)
      return bus
    }
    return {
      async worker(consumer, functions) {
        const bus = make(consumer)
        await bus.host(functions)
        return bus
      },
      stalled: make,
      pass: (ms) => sleep(ms),
      leaseMs,
      async close() {
        await Promise.all(buses.map((bus) => bus.close()))
      },
    }
  }
  everything(redisWorld)
})
