/** A world in which runs stop at gates, and the bus and the scanners fail while there is trouble. */
import type { Bus, Delivery, Settlement } from '../../../lib/bus/bus.ts'
import type { AnyFunction } from '../../../lib/runtime/function.ts'
import { runDelivery } from '../../../lib/runtime/run-delivery.ts'
import type { Runner } from '../../../lib/runtime/runner.ts'
import type { Scanner } from '../../../lib/scanners/scanner.ts'
import { scannerEntry } from '../../support/fake-registry.ts'
import type { ScannerMethod } from '../../support/fake-scanner.ts'
import { makeWorld, type World } from '../../support/world.ts'
import type { Plant } from './plant.ts'
import { makeStepwiseRun, type Gate, type StepwiseRun } from './stepwise-run.ts'

const LEASE_MS = 30_000
const FAULT = 0.06
/** In odd seeds a request to create may be under way while the process sleeps: then there may be two for a while. */
const SLOW_CREATE = 0.1

export interface Trouble {
  /** While false, nothing fails. */
  on: boolean
  /** How many calls have failed so far. */
  faults: number
}

export interface TroubledWorld extends World {
  readonly slowCreate: number
}

/** Two pools, three scanners. */
export function makeTroubledWorld(seed: number, trouble: Trouble): TroubledWorld {
  const world = makeWorld({
    seed,
    leaseMs: LEASE_MS,
    entries: [
      scannerEntry({ maxConcurrentScans: 1 + (seed % 2) }),
      scannerEntry({ instanceId: 'two', maxConcurrentScans: 1 }),
      scannerEntry({ pool: 'far', instanceId: 'three', maxConcurrentScans: 1 }),
    ],
    limits: { scanTimeoutMs: 900_000 },
    stopTakesMs: 3000,
    fate: () => ({
      runMs: world.random.pick([2000, 20_000, 90_000, 600_000, 1_800_000]),
      endsAs: world.random.chance(0.12) ? 'aborted' : 'completed',
    }),
    report: ({ marker }) => (marker.endsWith('0') ? `damaged ${marker}` : `report of ${marker}`),
  })
  for (const { key } of world.scanners.entries()) {
    world.scanner(key).fault = (method, moment) => {
      if (!trouble.on || !world.random.chance(FAULT)) return
      trouble.faults += 1
      throw new Error(`sim: the link broke ${moment} ${method}`)
    }
  }
  return { ...world, slowCreate: seed % 2 === 1 ? SLOW_CREATE : 0 }
}

/** One delivery, run by the real code through gates. */
export function troubledRun(
  delivery: Delivery,
  bus: Bus,
  world: TroubledWorld,
  trouble: Trouble,
  plant: Plant,
): StepwiseRun {
  return makeStepwiseRun((gate) => {
    const scanners = { ...world.scanners, scanner: gatedScanner(world, gate, plant) }
    const runner: Runner = world.runner(gatedBus(bus, world, { gate, trouble, plant }), {
      services: { ...world.services, scanners },
    })
    const planted = plant.context || plant.outcome ? new Map(plantedFunctions(runner, plant)) : runner.functions
    return runDelivery(delivery, { ...runner, functions: planted })
  })
}

function plantedFunctions(runner: Runner, plant: Plant): [string, AnyFunction][] {
  return [...runner.functions.values()].map((definition) => {
    const run = async (data: never, context: never) => {
      const changed = { ...(context as object), ...plant.context?.(definition.name, context) }
      const outcome = await definition.run(data, changed as never)
      return plant.outcome?.(definition.name, outcome) ?? outcome
    }
    return [definition.name, { ...definition, run }]
  })
}

const METHODS = [
  'create',
  'findMarked',
  'serverUuid',
  'serverFacts',
  'launch',
  'state',
  'stop',
  'remove',
  'requestExport',
  'exportState',
  'download',
] as const satisfies readonly ScannerMethod[]

function gatedScanner(world: TroubledWorld, gate: Gate, plant: Plant): (key: string) => Scanner {
  const { slowCreate } = world
  return (key) => {
    const real = world.scanners.scanner(key)
    const gated: Partial<Record<ScannerMethod, (...args: never[]) => Promise<unknown>>> = {}
    for (const method of METHODS) {
      const call = real[method].bind(real) as (...args: never[]) => Promise<unknown>
      gated[method] = async (...args) => {
        // A removal is one step with the look that confirmed it: nothing could tell them apart.
        const slow = method === 'create' ? world.random.chance(slowCreate) : method !== 'remove'
        if (slow) await gate(`before ${method}`)
        const result = await call(...args)
        await gate(`after ${method}`)
        return result
      }
    }
    const scanner = gated as unknown as Scanner
    return { ...scanner, ...plant.scanner?.(scanner) }
  }
}

interface Around {
  readonly gate: Gate
  readonly trouble: Trouble
  readonly plant: Plant
}

function gatedBus(bus: Bus, world: World, { gate, trouble, plant }: Around): Bus {
  const breaks = (when: string) => {
    if (!trouble.on || !world.random.chance(FAULT / 2)) return
    trouble.faults += 1
    throw new Error(`sim: the bus broke off ${when}`)
  }
  const settle = async (delivery: Delivery, settlement: Settlement) => {
    const planted = plant.settlement?.(settlement) ?? settlement
    const result = await bus.settle(delivery, planted)
    if (result !== 'fenced' || !plant.fenceless) return result
    return world.server.commit(planted, planted.posts)
  }
  return {
    keys: bus.keys,
    keyspace: bus.keyspace,
    now: () => bus.now(),
    publish: (posts, transaction) => bus.publish(posts, transaction),
    pull: (free) => bus.pull(free),
    claim: (free, alone) => bus.claim(free, alone),
    lapsed: () => bus.lapsed(),
    async settle(delivery, settlement) {
      await gate('before settle')
      breaks('before a settle')
      const result = await settle(delivery, settlement)
      await gate(`after settle: ${result}`)
      breaks('after a settle')
      return result
    },
    async renew(delivery) {
      await gate('before confirm')
      return bus.renew(delivery)
    },
    abandon: (delivery) => bus.abandon(delivery),
    follow: (streams) => bus.follow(streams),
    wake() {},
    drain() {},
    release: () => bus.release(),
    close: () => bus.close(),
  }
}
