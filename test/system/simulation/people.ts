/** The people of the simulation: they ask for scans and stop them, through tools and behind the system's back. */
import { giveUpScan } from '../../../lib/scan-work/end/give-up.ts'
import { isFinal } from '../../../lib/scans/states.ts'
import { routes, sealedCall, type World } from '../../support/world.ts'
import { Violation, type Deeds, type Witness } from './witness.ts'

const SCANS_MAX = 6
const HURRY = 0.005

export interface People {
  act(): Promise<void>
  /** What is done while nothing fails: now and then a run is stopped, and given up at once, before its scanner has heard of it. Whether anything was. */
  hurry(): Promise<boolean>
  /** S11: every answer that promised a scan was true, and no request made two. */
  checkAnswers(): void
}

export interface PeopleOptions {
  readonly world: World
  readonly deeds: Deeds
  readonly witness: Witness
  /** Publishes event ids again as if they were new: a planted bug. */
  readonly again: boolean
  readonly say: (what: string) => void
  readonly step: () => number
}

export function makePeople({ world, deeds, witness, again, say, step }: PeopleOptions): People {
  const { random, server, clock } = world
  const asked: { name: string; call: ReturnType<typeof sealedCall> }[] = []
  const hurried = new Set<string>()
  let calls = 0

  const publish = async (tool: string, call: ReturnType<typeof sealedCall>) => {
    await world.bus.publish([{ to: tool, event: call.event, delayMs: 0, attempt: 1, again }], {
      guards: [],
      writes: call.writes,
    })
  }
  const makeCall = (tool: string, args: object) => {
    const id = `call-${(calls += 1)}`
    return sealedCall({ tool, args: { ...args }, id, services: world.services, time: new Date(clock.ms).toISOString() })
  }
  const submit = async () => {
    const name = `scan-${asked.length + 1}`
    const pool = random.pick(['lab', 'lab', 'far'])
    const call = makeCall('run_untrusted_scan', {
      targets: '192.0.2.10',
      name,
      scanner_pool: pool,
      priority: random.pick([0, 0, 5, 9]),
      ...(pool === 'lab' && random.chance(0.3) ? { scanner_instance: random.pick(['one', 'two']) } : {}),
      ...(random.chance(0.5) ? { idempotency_key: name } : {}),
    })
    asked.push({ name, call })
    say(`someone asks for ${name} in ${pool}`)
    await publish('run_untrusted_scan', call)
  }
  /** The client did not hear the answer, or its gateway did not hear Redis: the same event again. */
  const repeat = async () => {
    if (asked.length === 0) return
    const { name, call } = random.pick(asked)
    say(`the call for ${name} is published again`)
    await publish('run_untrusted_scan', call)
  }
  const running = () => [...witness.seen.values()].flatMap(({ scan }) => (isFinal(scan.status) ? [] : [scan]))
  const stop = async (open = running()) => {
    if (open.length === 0) return
    const { task_id } = random.pick(open)
    deeds.stopped.add(task_id)
    say(`someone asks to stop ${task_id}`)
    await publish('stop_scan', makeCall('stop_scan', { task_id }))
  }
  /** An operator does not wait for a stop to be confirmed. */
  const giveUp = async (stopping = running().filter(({ step: at }) => at === 'stopping')) => {
    if (stopping.length === 0) return
    const { task_id } = random.pick(stopping)
    deeds.givenUp.add(task_id)
    say(`an operator gives up ${task_id}`)
    const randomHex = (bytes: number) => random.hex(bytes)
    await giveUpScan(task_id, 'an operator', { bus: world.bus, ...world.services, routes, randomHex })
  }
  const meddle = () => {
    const { key } = random.pick(world.scanners.entries())
    const scanner = world.scanner(key)
    const there = [...scanner.scansById.values()]
    if (there.length === 0) return
    const scan = random.pick(there)
    const phase = scanner.phase(scan)
    if (phase === 'active') {
      say(`a person stops scan ${scan.id} (${scan.marker}) at ${key}`)
      scanner.halt(scan)
      deeds.halted.add(scan.marker)
    } else if (random.chance(0.3)) {
      say(`a person deletes scan ${scan.id} (${scan.marker}) at ${key}`)
      scanner.scansById.delete(scan.id)
      deeds.deleted.add(scan.marker)
    }
  }
  const copyEntry = () => {
    const names = [...world.runner(world.bus).functions.values()].filter(({ kind }) => kind !== 'call')
    const full = names.filter(({ name }) => server.keyspace.stream(server.keys.inbox(name)).length > 0)
    if (full.length === 0) return
    const inbox = server.keys.inbox(random.pick(full).name)
    const { fields } = random.pick(server.keyspace.stream(inbox))
    say(`an entry of ${inbox} is doubled: ${fields['id']}`)
    deeds.doubled += 1
    server.keyspace.apply(['XADD', inbox, '*', ...Object.entries(fields).flat()])
  }
  const resize = () => {
    const { key, maxConcurrentScans } = random.pick(world.scanners.entries())
    const capacity = random.between(1, 3)
    witness.remember(key, maxConcurrentScans, step())
    say(`${key} may now run ${capacity} scans`)
    world.scanners.change(key, { maxConcurrentScans: capacity })
  }
  const sweep = async () => {
    say('a sweep is due')
    await world.emit('sweep.due', {}, { id: `sweep-${(calls += 1)}` })
  }
  return {
    async act() {
      const dice = random.next()
      if (asked.length < SCANS_MAX && dice < 0.5) return submit()
      if (dice < 0.58) return repeat()
      if (dice < 0.69) return stop()
      if (dice < 0.71) return giveUp()
      if (dice < 0.82) return meddle()
      if (dice < 0.9) return copyEntry()
      if (dice < 0.95) return resize()
      return sweep()
    },
    async hurry() {
      const late = running().filter(({ task_id: id, step: at }) => at === 'stopping' && hurried.has(id))
      if (late.length > 0) {
        await giveUp(late)
        return true
      }
      const [scan] = running().filter(({ step: at }) => at === 'scanning')
      if (!scan || hurried.has(scan.task_id) || !random.chance(HURRY)) return false
      hurried.add(scan.task_id)
      await stop([scan])
      return true
    },
    checkAnswers() {
      const names = [...witness.seen.values()].map(({ scan }) => scan.name)
      const twice = names.find((name, n) => names.indexOf(name) !== n)
      if (twice !== undefined) throw new Violation(`S11: ${twice} was started twice`)
      for (const { fields } of server.keyspace.stream(server.keys.replies('gateway'))) {
        const { result } = JSON.parse(fields['body'] ?? '') as { result?: { task_id?: string } }
        const known = result?.task_id === undefined || witness.seen.has(result.task_id)
        if (!known) throw new Violation(`S11: ${result.task_id} was promised and does not exist`)
      }
    },
  }
}
