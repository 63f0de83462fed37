/**
 * Looks at the store and the scanners from outside, after every step and at
 * rest, and says what must hold and does not. Numbers as in simulation.test.ts.
 */
import { steps } from '../../../functions/index.ts'
import { parseRecord } from '../../../lib/scans/read-record.ts'
import { scannerKey, type Scan } from '../../../lib/scans/record.ts'
import { waitingScore } from '../../../lib/scans/scan-keys.ts'
import { isFinal, STATUSES } from '../../../lib/scans/states.ts'
import type { World } from '../../support/world.ts'
import { removedWell } from './removed-well.ts'
import { runningOn } from './running-on.ts'

export class Violation extends Error {}

/** What people did, as far as it explains how a scan ends. */
export interface Deeds {
  /** Scans that someone asked to stop. */
  readonly stopped: Set<string>
  /** Scans whose stop an operator did not wait for. */
  readonly givenUp: Set<string>
  /** Markers of scans that a person stopped, or deleted, at the scanner. */
  readonly halted: Set<string>
  readonly deleted: Set<string>
  /** Inbox entries that were copied, which no bus of ours does: two workers then hold the same event. */
  doubled: number
}

interface Seen {
  scan: Scan
  /** Since which step it waits, when it does. */
  waitsSince: number
  ends: number
}

export class Witness {
  readonly seen = new Map<string, Seen>()
  readonly replays = new Map<string, number>()
  readonly #world: World
  readonly #deeds: Deeds
  /** The step from which on a scanner had a capacity. */
  readonly #capacities: { key: string; capacity: number; until: number }[] = []

  constructor(world: World, deeds: Deeds) {
    this.#world = world
    this.#deeds = deeds
  }

  /** A capacity that held until `step`. */
  remember(key: string, capacity: number, until: number): void {
    this.#capacities.push({ key, capacity, until })
  }

  /** Checks what must hold at every moment. `since` is when the run that just went on last began to look. */
  observe(step: number, since: number): void {
    for (const [taskId] of this.#sorted(this.#world.services.scanKeys.all)) this.#follow(taskId, step, since)
    this.#checkSlots()
    this.#checkQueues()
    this.#checkPlaces()
    this.nothingRuns()
    for (const taskId of this.seen.keys()) {
      const launches = this.#tally(taskId, 'launches')
      must(launches <= 1, `S2: ${taskId} was launched ${launches} times`)
    }
  }

  #follow(taskId: string, step: number, since: number): void {
    const hash = this.#world.server.keyspace.data.get(this.#world.services.scanKeys.scan(taskId))
    must(hash instanceof Map, `S1: the record of ${taskId} is gone`)
    const before = this.seen.get(taskId)
    const revision = Number(hash.get('rev'))
    if (before?.scan.revision === revision) return
    must(
      revision === (before?.scan.revision ?? 0) + 1,
      `S6: ${taskId} went from revision ${before?.scan.revision} to ${revision}`,
    )
    const scan = parseRecord(taskId, Object.fromEntries(hash))!
    const seen = { scan, waitsSince: before?.waitsSince ?? step, ends: before?.ends ?? 0 }
    const was = before?.scan.status
    if (scan.status === 'queued' && was !== 'queued') seen.waitsSince = step
    if (was !== undefined && isFinal(was) && !isFinal(scan.status)) {
      must((this.replays.get(taskId) ?? 0) >= seen.ends, `S1: ${taskId} went on after it had ended as ${was}`)
    }
    if (was !== undefined && isFinal(was) && isFinal(scan.status)) {
      must(was === scan.status, `S1: ${taskId} ended as ${was} and then as ${scan.status}`)
    }
    if (isFinal(scan.status) && (was === undefined || !isFinal(was))) {
      seen.ends += 1
      this.#checkEnd(scan)
    }
    this.seen.set(taskId, seen)
    if (was === 'queued' && scan.status === 'running') this.#checkAdmission(scan, since)
  }

  #checkAdmission(scan: Scan, since: number): void {
    const { server, services, scanners } = this.#world
    const key = scannerKey(scan)!
    const used = server.keyspace.data.get(services.scanKeys.slots(key)) as Set<string>
    const capacities = this.#capacities.filter((each) => each.key === key && each.until >= since)
    const most = Math.max(scanners.find(key)!.maxConcurrentScans, ...capacities.map(({ capacity }) => capacity))
    must(used.size <= most, `S4: ${key} was given scan ${used.size} of at most ${most}`)
    for (const { scan: other, waitsSince } of this.seen.values()) {
      const couldGo =
        other.status === 'queued' &&
        other.scanner_pool === scan.scanner_pool &&
        (other.pinned_instance === undefined || other.pinned_instance === scan.scanner_instance)
      const ahead = couldGo && waitsSince < since && waitingScore(other) < waitingScore(scan)
      must(!ahead, `S10: ${scan.task_id} was admitted to ${key} before ${other.task_id}, which was ahead of it`)
    }
  }

  #checkEnd(scan: Scan): void {
    const { clock, services, reports } = this.#world
    const { task_id: id, status } = scan
    const key = scannerKey(scan)
    const scanner = key === undefined ? undefined : this.#world.scanner(key)
    const atScanner = scanner?.scansById.get(scan.scanner_scan_id ?? 0)
    const phase = atScanner && scanner?.phase(atScanner)
    if (status === 'completed') {
      must(phase === 'completed' || this.#deeds.deleted.has(id), `S8: ${id} is completed, its run is ${phase}`)
      must(reports.texts.has(id), `S8: ${id} is completed without a report`)
    }
    if (status === 'canceled') {
      // The clean-up after its first life may have stopped it too.
      const asked = this.#deeds.stopped.has(id) || this.#deeds.halted.has(id) || this.replays.has(id)
      must(asked, `S8: ${id} is canceled and nobody asked for it`)
    }
    if (status === 'timeout') {
      const ranMs = clock.ms - Date.parse(scan.launched_at ?? '')
      must(ranMs > services.limits.scanTimeoutMs, `S8: ${id} timed out after ${ranMs} ms`)
    }
    if (status !== 'failed') return
    const { failure } = scan
    must(failure !== undefined, `S9: ${id} failed without saying why`)
    if (failure.dead_letter !== undefined) {
      const letters = this.#stream(this.#world.server.keys.dead).map(({ fields }) => fields['letter'])
      must(letters.includes(failure.dead_letter), `S9: ${id} failed by ${failure.dead_letter}, which is no dead letter`)
    } else if (failure.message.includes('is gone from the scanner')) {
      must(this.#deeds.deleted.has(id), `S9: ${id} is said to be gone and nobody deleted it`)
    } else if (failure.message.startsWith('given up by')) {
      must(this.#deeds.givenUp.has(id), `S9: ${id} is said to be given up and nobody gave it up`)
    } else must(phase === 'aborted' || this.#deeds.deleted.has(id), `S8: ${id} is failed, its run is ${phase}`)
  }

  #checkSlots(): void {
    const { server, services, scanners } = this.#world
    for (const { key } of scanners.entries()) {
      const slots = (server.keyspace.data.get(services.scanKeys.slots(key)) as Set<string> | undefined) ?? new Set()
      const running = this.#scans((scan) => scan.status === 'running' && scannerKey(scan) === key)
      same([...slots], running, `S4: the slots of ${key}`)
    }
  }

  #checkQueues(): void {
    const { services, scanners } = this.#world
    for (const pool of scanners.pools()) {
      const instances = scanners.entries().flatMap((entry) => (entry.pool === pool ? [entry.instanceId] : []))
      for (const instance of [undefined, ...instances]) {
        const waiting = this.#sorted(services.scanKeys.waiting(pool, instance)).map(([id]) => id)
        const queued = this.#scans(
          (scan) => scan.status === 'queued' && scan.scanner_pool === pool && scan.pinned_instance === instance,
        )
        same(waiting, queued, `S5: the queue of ${pool}/${instance ?? '*'}`)
      }
    }
    for (const status of STATUSES) {
      const indexed = this.#sorted(services.scanKeys.byStatus(status)).map(([id]) => id)
      same(
        indexed,
        this.#scans((scan) => scan.status === status),
        `S5: the index of ${status}`,
      )
    }
  }

  /** Checks what must hold when all is quiet. */
  atRest(): void {
    const { server } = this.#world
    for (const name of this.#world.runner(this.#world.bus).functions.keys()) {
      const left = this.#stream(server.keys.inbox(name)).length
      must(left === 0, `S7: ${left} events are left in the inbox of ${name}`)
    }
    must(server.leases.size === 0, `S7: ${server.leases.size} leases are left`)
    for (const { event } of server.delayed()) {
      must(event.type === 'scan.clean-up-due', `S7: ${event.type} of ${event.subject} is still to come`)
    }
    for (const [id, { scan, ends }] of this.seen) {
      must(isFinal(scan.status), `S1: ${id} has come to rest as ${scan.status} (${scan.step})`)
      const lives = 1 + (this.replays.get(id) ?? 0)
      must(ends >= 1 && ends <= lives, `S1: ${id} ended ${ends} times in ${lives} lives`)
    }
    const log = this.#stream(server.keys.log)
    for (const [id, { scan }] of this.seen) {
      const revisions = log.flatMap(({ fields }) => (fields['task'] === id ? [Number(fields['revision'])] : []))
      const all = Array.from({ length: scan.revision }, (_, i) => i + 1)
      must(
        revisions.join() === all.join(),
        `S6: the log of ${id} has ${revisions.join()} and not 1 to ${scan.revision}`,
      )
    }
    for (const { fields } of this.#stream(server.keys.dead)) {
      const known = TROUBLE.test(fields['error'] ?? '')
      must(known, `S9: ${fields['letter']} (${fields['function']}) died of no trouble of ours: ${fields['error']}`)
    }
    const open = server.keyspace.data.get(server.keys.openLetters)
    const letters = this.#stream(server.keys.dead).map(({ fields }) => fields['letter']!)
    // An entry that was doubled may die twice.
    same(
      [...((open as Map<string, string> | undefined)?.keys() ?? [])],
      [...new Set(letters)],
      'S9: the open dead letters',
    )
  }

  #checkPlaces(): void {
    if (this.#deeds.doubled > 0) return
    const { server } = this.#world
    const places = server.delayed().map(({ event, to }) => `${event.id}@${to}`)
    for (const { name } of steps) {
      for (const { fields } of this.#stream(server.keys.inbox(name))) places.push(`${fields['id']}@${name}`)
    }
    const twice = places.find((place, n) => places.indexOf(place) !== n)
    must(twice === undefined, `S13: ${twice} waits twice`)
  }

  /** Nothing runs at a scanner for an ended scan of which no event is left, unless its clean-up itself was given up. */
  nothingRuns(): void {
    for (const taskId of runningOn(this.#world, this.seen))
      must(this.#isPending(taskId), `S3: ${taskId} has ended and still runs`)
  }

  /** A clean-up of this scan went through: what it left to run, it has told to stop. */
  isStopped(taskId: string): void {
    must(!runningOn(this.#world, this.seen).includes(taskId), `S3: ${taskId} has ended, was cleaned up, and still runs`)
  }

  /** Whether an event about a scan is in an inbox or the dead letters or will be due soon. */
  #isPending(taskId: string): boolean {
    const { server } = this.#world
    const subject = `"subject":"${taskId}"`
    const waits = steps.some(({ name }) => {
      return this.#stream(server.keys.inbox(name)).some(({ fields }) => fields['e']?.includes(subject))
    })
    const dead = this.#stream(server.keys.dead).some(
      ({ fields }) => fields['function'] === 'clean-up' && fields['task'] === taskId,
    )
    const delayed = server.delayed().some(({ event }) => event.subject === taskId && event.type !== 'scan.clean-up-due')
    return waits || dead || delayed
  }

  /** Each scan at a scanner is the one its record names, or a twin that never ran and goes after the retention time. */
  noOrphans(twins: boolean): void {
    for (const { key } of this.#world.scanners.entries()) {
      for (const { id, marker, launches } of this.#world.scanner(key).scansById.values()) {
        const scan = this.seen.get(marker)?.scan
        const own = scan && scannerKey(scan) === key && scan.scanner_scan_id === id
        must(
          own || (twins && launches === 0),
          `S2: scan ${id} (${marker}) at ${key} belongs to nobody; the record names ${scan?.scanner_scan_id}`,
        )
      }
    }
  }

  /** After the retention time, nothing of ours is at the scanners but what nobody has read. */
  allRemoved(): void {
    const scans = new Map([...this.seen].map(([taskId, { scan }]) => [taskId, scan]))
    must(...removedWell(this.#world, scans, [this.#deeds.deleted, this.#deeds.halted]))
  }

  #tally(taskId: string, count: 'creates' | 'launches'): number {
    return this.#world.scanners
      .entries()
      .reduce((sum, { key }) => sum + this.#world.scanner(key).tally(taskId)[count], 0)
  }

  #scans(matches: (scan: Scan) => boolean): string[] {
    return [...this.seen.values()].flatMap(({ scan }) => (matches(scan) ? [scan.task_id] : []))
  }

  #sorted(key: string): [string, number][] {
    return this.#world.server.keyspace.sorted(key)
  }

  #stream(key: string) {
    return this.#world.server.keyspace.stream(key)
  }
}

/** Why an event may end as a dead letter: what this simulation does, and what follows from it. */
const TROUBLE = /sim: |fake: there is no scan|the worker died|is gone from the scanner|is not well formed/

function must(holds: boolean | undefined, message: string): asserts holds {
  if (!holds) throw new Violation(message)
}

function same(actual: readonly string[], expected: readonly string[], what: string): void {
  const [a, b] = [[...actual].sort().join(), [...expected].sort().join()]
  must(a === b, `${what}: ${a === '' ? 'none' : a}, and should be ${b === '' ? 'none' : b}`)
}
