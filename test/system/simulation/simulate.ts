/**
 * One seeded simulation: people ask for scans, stop and repeat them; workers
 * pull, stall, die and oversleep; links break. Then all heals and runs until
 * it is quiet; dead letters are replayed; the retention time passes.
 */
import { functions } from '../../../functions/index.ts'
import { Refusal } from '../../../lib/base/errors.ts'
import type { MemoryBus } from '../../../lib/bus/memory/memory-bus.ts'
import { readLetters } from '../../../lib/scan-work/recover/read-letters.ts'
import { replayLetter } from '../../../lib/scan-work/recover/replay-letter.ts'
import { routes } from '../../support/world.ts'
import { onlyStopsWait } from './only-stops-wait.ts'
import { makePeople, type People } from './people.ts'
import type { Plant } from './plant.ts'
import type { StepwiseRun } from './stepwise-run.ts'
import { makeTroubledWorld, troubledRun, type Trouble, type TroubledWorld } from './troubled-world.ts'
import { Violation, Witness, type Deeds } from './witness.ts'

const TROUBLED_STEPS = 280
const HANDS_MAX = 7
const QUIET_STEPS_MAX = 6000
const WORKERS = 3
/** A scan that began later than that is left to itself by the sweep. */
const SWEEP_LOOKS_AFTER_MS = 180_000
const NAMES = functions.map(({ name }) => name)

export interface SimulationResult {
  readonly trace: readonly string[]
  /** What did not hold, if anything. */
  readonly violation: string | undefined
}

interface Hand {
  readonly name: string
  readonly run: StepwiseRun
  readonly about: string
  since: number
  /** How many of its calls have failed. */
  faults: number
}

export async function simulate(seed: number, plant: Plant = {}): Promise<SimulationResult> {
  const simulation = new Simulation(seed, plant)
  try {
    await simulation.play()
    return { trace: simulation.trace, violation: undefined }
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    return { trace: simulation.trace, violation: error.message }
  }
}

class Simulation {
  readonly trace: string[] = []
  readonly #trouble: Trouble = { on: true, faults: 0 }
  readonly #deeds: Deeds = {
    stopped: new Set(),
    givenUp: new Set(),
    halted: new Set(),
    deleted: new Set(),
    doubled: 0,
  }
  readonly #plant: Plant
  readonly #world: TroubledWorld
  readonly #people: People
  readonly #witness: Witness
  readonly #workers: MemoryBus[]
  #hands: Hand[] = []
  #step = 0

  constructor(seed: number, plant: Plant) {
    this.#plant = plant
    this.#world = makeTroubledWorld(seed, this.#trouble)
    this.#witness = new Witness(this.#world, this.#deeds)
    this.#people = makePeople({
      world: this.#world,
      deeds: this.#deeds,
      witness: this.#witness,
      again: plant.forgetful === true,
      say: (what) => this.#say(what),
      step: () => this.#step,
    })
    this.#workers = Array.from({ length: WORKERS }, (_, n) => this.#world.server.bus(`worker-${n}`))
  }

  async play(): Promise<void> {
    // A worker may take over what it has said it hosts.
    for (const bus of this.#workers) await bus.pull(new Map(NAMES.map((name) => [name, 0])))
    while (this.#step < TROUBLED_STEPS) await this.#troubledStep()
    this.#trouble.on = false
    this.#say('all heals')
    await this.#runUntilQuiet()
    this.#witness.nothingRuns()
    for (let round = 0; round < 3 && (await this.#replayAll()); round++) await this.#runUntilQuiet()
    this.#witness.nothingRuns()
    this.#witness.noOrphans(this.#world.slowCreate > 0 || this.#deeds.doubled > 0)
    this.#say('the retention time passes')
    this.#world.clock.ms += 2 * this.#world.services.limits.scannerRetentionMs
    await this.#runUntilQuiet()
    this.#witness.allRemoved()
    this.#people.checkAnswers()
  }

  async #troubledStep(): Promise<void> {
    const { random, clock, server } = this.#world
    const dice = random.next()
    this.#step += 1
    if (dice < 0.5 && this.#hands.length > 0) return this.#goOn(random.pick(this.#hands))
    if (dice < 0.78 && this.#hands.length < HANDS_MAX && (await this.#start())) return
    if (dice < 0.9) {
      clock.ms += random.pick([200, 1000, 3000, 8000])
      server.promote()
    } else if (dice < 0.93 && this.#hands.length > 0) this.#die(random.pick(this.#hands))
    else if (dice < 0.935) {
      this.#say('a worker hands over')
      await random.pick(this.#workers).release()
    } else await this.#people.act()
    this.#witness.observe(this.#step, this.#step)
  }

  async #goOn(hand: Hand): Promise<void> {
    const from = hand.run.at
    const faults = this.#trouble.faults
    await hand.run.step()
    hand.faults += this.#trouble.faults - faults
    const { ended, error } = hand.run
    this.#say(`  ${hand.name}: ${from} → ${ended ? `end${error ? ` (${error.message})` : ''}` : hand.run.at}`)
    if (ended) this.#hands = this.#hands.filter((each) => each !== hand)
    if (ended && error && !error.message.includes('sim: ')) throw error
    // Nothing stood in its way: it must have done what it is for, and not wait until the run ends by itself.
    if (ended && hand.name.startsWith('clean-up ') && hand.faults === 0) this.#witness.isStopped(hand.about)
    // Before a call nothing has changed since the last look.
    if (ended || hand.run.at.startsWith('after')) this.#witness.observe(this.#step, hand.since)
  }

  /** Takes an event in hand, if there is one. */
  async #start(): Promise<boolean> {
    const { server, random } = this.#world
    const bus = random.pick(this.#workers)
    const inHand = (name: string, id: string) => server.leases.has(`${name} ${id}`)
    const fresh = NAMES.filter((name) => {
      return server.keyspace.stream(server.keys.inbox(name)).some(({ id }) => !inHand(name, id))
    })
    const { released, suspects } = bus.lapsed()
    const everything = new Map(NAMES.map((name) => [name, 1]))
    const takesOver = (released || suspects) && (fresh.length === 0 || random.chance(0.5))
    const [delivery] = takesOver
      ? await bus.claim(everything, suspects)
      : fresh.length === 0
        ? []
        : await bus.pull(new Map([[random.pick(fresh), 1]]))
    if (!delivery) return false
    // As Redis does: the record comes along with the event.
    const subject = delivery.event?.subject
    const record = subject === undefined ? undefined : await server.keyspace.hash(server.keys.record(subject))
    const taken = record ? { ...delivery, record } : delivery
    const run = troubledRun(taken, bus, this.#world, this.#trouble, this.#plant)
    const name = `${delivery.function} ${delivery.entryId} (${delivery.event?.type} ${subject ?? ''} #${delivery.deliveries})`
    const hand = { name, run, about: subject ?? '', since: this.#step, faults: 0 }
    this.#hands.push(hand)
    await this.#goOn(hand)
    return true
  }

  /** A worker dies with this in hand: the run never goes on, and its lease lapses. */
  #die(hand: Hand): void {
    this.#say(`  ${hand.name}: dies at ${hand.run.at}`)
    this.#hands = this.#hands.filter((each) => each !== hand)
  }

  async #runUntilQuiet(): Promise<void> {
    const { random, server, clock } = this.#world
    for (let steps = 0; steps < QUIET_STEPS_MAX; steps++) {
      this.#step += 1
      if (await this.#people.hurry()) this.#witness.observe(this.#step, this.#step)
      if (this.#hands.length > 0 && (this.#hands.length > 2 || random.chance(0.7))) {
        await this.#goOn(random.pick(this.#hands))
        continue
      }
      if (await this.#start()) continue
      if (this.#hands.length > 0) continue
      const dueMs = this.#nextDueMs()
      if (dueMs === undefined) {
        if (!onlyStopsWait(this.#witness.seen.values())) return this.#witness.atRest()
        await this.#sweep()
        continue
      }
      clock.ms = Math.max(clock.ms, dueMs)
      server.promote()
    }
    throw new Violation(`S7: it does not come to rest within ${QUIET_STEPS_MAX} steps`)
  }

  /**
   * A stop whose workers died of it, again and again, has no event any more: the sweep gives it another. The real one
   * comes every minute and helps whatever is lost; here it comes for these alone, or it would hide what gets lost otherwise.
   */
  async #sweep(): Promise<void> {
    this.#say('a sweep is due, for what could not be stopped')
    this.#world.clock.ms += SWEEP_LOOKS_AFTER_MS
    await this.#world.emit('sweep.due', {}, { id: `sweep-at-rest-${this.#step}` })
  }

  /** When there will be something to do again, but for clean-ups in the far future. */
  #nextDueMs(): number | undefined {
    const { server, clock } = this.#world
    const farMs = clock.ms + this.#world.services.limits.scannerRetentionMs / 2
    const due = server.keyspace.sorted(server.keys.delayed).flatMap(([, dueMs]) => (dueMs < farMs ? [dueMs] : []))
    const lapse = [...server.leases.values()].map(({ untilMs }) => untilMs)
    const all = [...due, ...lapse]
    return all.length === 0 ? undefined : Math.min(...all)
  }

  /** Replays every dead letter, twice; whether there was one. */
  async #replayAll(): Promise<boolean> {
    const { bus, services, random } = this.#world
    const deps = { bus, ...services, routes, randomHex: (bytes: number) => random.hex(bytes) }
    let replayed = false
    const done = new Set<string>()
    for await (const letter of readLetters(bus.keyspace, bus.keys)) {
      const { taskId = '' } = letter
      const lives = this.#witness.replays.get(taskId) ?? 0
      this.#witness.replays.set(taskId, lives + 1)
      try {
        const first = await replayLetter(letter, 'operator', deps)
        // An entry that was doubled may have died twice, and is replayed once.
        if (!first && !done.has(letter.id)) throw new Violation(`S9: ${letter.id} is open and was not replayed`)
        if (!first) this.#witness.replays.set(taskId, lives)
        done.add(letter.id)
        replayed = true
        this.#say(`${letter.id} is replayed`)
        if (await replayLetter(letter, 'operator', deps)) throw new Violation(`S9: ${letter.id} was replayed twice`)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        this.#witness.replays.set(taskId, lives)
        this.#say(`${letter.id} is not replayed: ${error.message}`)
      }
      this.#witness.observe(this.#step, this.#step)
    }
    return replayed
  }

  #say(what: string): void {
    this.trace.push(`${this.#step} +${(this.#world.clock.ms % 86_400_000) / 1000}s ${what}`)
  }
}
