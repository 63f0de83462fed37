/** Worlds in which a scan stands at one step of its life. */
import type { Bus, Delivery } from '../../../lib/bus/bus.ts'
import type { Scan } from '../../../lib/scans/record.ts'
import { runningScan, TASK } from '../../support/scan-record.ts'
import { makeWorld, type World, type WorldOptions } from '../../support/world.ts'

/** A world in which `scan` waits for the event `type`, which has come. */
export async function waitingFor(
  type: string,
  scan: Scan,
  data: object = {},
  options: WorldOptions = {},
): Promise<World> {
  const world = makeWorld(options)
  await world.put({ ...scan, next: 'the-event' })
  await world.emit(type, data, { subject: scan.task_id, id: 'the-event' })
  return world
}

/** Puts a scan of ours on the fake scanner, launched if `launched`, and says so in the record. */
export function atScanner(world: World, { launched = true } = {}) {
  const made = world.scanner().add({ name: 'Weekly', description: '', marker: TASK, targets: '', template: 'basic' })
  if (launched) made.launchedAtMs = world.clock.ms
  return made
}

/** The world's bus, or another one of its server, but for how it settles. */
export function withSettle({ bus: ofWorld }: World, settle: Bus['settle'], bus: Bus = ofWorld): Bus {
  const same = { now: () => bus.now(), renew: (delivery: Delivery) => bus.renew(delivery) }
  return Object.assign(Object.create(bus) as Bus, same, { settle })
}

export const scanning = (patch: Partial<Scan> = {}) =>
  runningScan({ step: 'scanning', scanner_scan_id: 1, launched_at: '2026-03-01T08:00:00.000Z', ...patch })

export const letters = (world: World) =>
  world.server.keyspace.stream(world.server.keys.dead).map(({ fields }) => fields)
