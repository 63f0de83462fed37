/** The kinds of trouble, and a seeded schedule of them: several at a time, each healed by itself after a while. */
import { setTimeout as sleep } from 'node:timers/promises'
import { addFault, removeFault, tellSimulator, type FaultSpec } from '../support/simulator-judge.ts'
import { LEASE_SECONDS, type Berth, type Fleet } from './fleet.ts'
import { withRedis } from './redis-eye.ts'
import type { Seeded } from './seeded.ts'

const AT_ONCE_MAX = 3
const PAUSE_MS = { low: 300, high: 1500 }
const DUPLICATES_MAX = 10
const HUNT_MS = 400
const SCANNER_FAULT_MS = 2000

/** What goes wrong at a scanner. None of it may cost a scan: each hits a few requests within a while. */
const SCANNER_FAULTS: readonly FaultSpec[] = [
  { action: 'status', status: 500, times: 3 },
  { action: 'reset', times: 3 },
  { action: 'garbage', times: 2 },
  { action: 'truncate', match: { method: 'GET' }, times: 2 },
  { action: 'delay', delayMs: 700, times: 6 },
  { action: 'reset-after-commit', match: { method: 'POST', path: '^/scans$' }, times: 2 },
  { action: 'reset-after-commit', match: { method: 'POST', path: '/launch$' }, times: 2 },
  { action: 'reset-after-commit', match: { method: 'DELETE' }, times: 2 },
  { action: 'truncate', match: { path: '/download$' }, times: 1 },
  // What says something about us or the way, or claims an end: nothing of it may end a scan that runs.
  ...(
    [
      'redirect',
      'unauthorized',
      'forbidden',
      'proxy forbids',
      'proxy finds nothing',
      'no api',
      'bad gateway',
      'page instead',
      'nothing',
    ] as const
  ).map((answer): FaultSpec => ({ action: 'answer', answer, times: 5 })),
  { action: 'answer', answer: 'not found', match: { path: '^/scans/\\d+' }, times: 5 },
  { action: 'answer', answer: 'conflict', match: { method: 'POST', path: '/(launch|stop)$' }, times: 3 },
]

/** Makes trouble and mends it; resolves, when all is well again, with how many faults that were. */
type Trouble = (fleet: Fleet, seeded: Seeded) => Promise<number>

async function atBerth(
  berths: readonly Berth[],
  seeded: Seeded,
  harm: (berth: Berth) => Promise<void>,
): Promise<number> {
  const berth = seeded.pick(berths)
  if (berth.busy) return 0
  berth.busy = true
  try {
    await harm(berth)
  } finally {
    berth.busy = false
  }
  return 1
}

function killed(after: (berth: Berth) => Promise<unknown>, pauseMsMax: number) {
  return (seeded: Seeded) => async (berth: Berth) => {
    await after(berth)
    await sleep(seeded.between(0, pauseMsMax))
    await berth.restart()
  }
}
const kill9 = killed((berth) => berth.program.kill(), 1000)
const term = killed((berth) => berth.program.stop(), 200)

async function atRedis({ redis }: Fleet, harm: () => Promise<void>): Promise<number> {
  if (redis.busy) return 0
  redis.busy = true
  try {
    await harm()
  } finally {
    redis.busy = false
  }
  return 1
}

export const TROUBLES: Readonly<Record<string, Trouble>> = {
  'worker kill -9': (fleet, seeded) => atBerth(fleet.workers, seeded, kill9(seeded)),
  'worker SIGTERM': (fleet, seeded) => atBerth(fleet.workers, seeded, term(seeded)),
  'worker frozen': (fleet, seeded) =>
    atBerth(fleet.workers, seeded, async ({ program }) => {
      program.signal('SIGSTOP')
      await sleep(seeded.between(300, LEASE_SECONDS * 2500))
      program.signal('SIGCONT')
    }),
  'gateway kill -9': (fleet, seeded) => atBerth(fleet.gateways, seeded, kill9(seeded)),
  'Redis kill -9': (fleet, seeded) =>
    atRedis(fleet, async () => {
      await fleet.redis.kill()
      await sleep(seeded.between(100, 1500))
      await fleet.redis.restart()
    }),
  'Redis frozen': (fleet, seeded) =>
    atRedis(fleet, async () => {
      fleet.redis.freeze()
      await sleep(seeded.between(300, 4500))
      fleet.redis.thaw()
    }),
  'duplicate deliveries': (fleet) => duplicate(fleet),
  'scanner fault': async (fleet, seeded) => {
    const { url } = seeded.pick(fleet.simulators)
    const id = await addFault(url, seeded.pick(SCANNER_FAULTS))
    // What hit nobody by then goes: on a scanner that nobody asks, faults would pile up.
    await sleep(SCANNER_FAULT_MS)
    await removeFault(url, id)
    return 1
  },
  'scanner restart': async (fleet, seeded) => {
    await tellSimulator(seeded.pick(fleet.simulators).url, 'restart', { runningScans: 'keep' })
    return 1
  },
}

/** Puts copies of what lies in the inboxes, leased or not, behind it. Answers how many. */
async function duplicate({ redis }: Fleet): Promise<number> {
  if (redis.busy) return 0
  let made = 0
  const endMs = performance.now() + HUNT_MS
  const hunt = withRedis(redis.socket, async (client) => {
    const inboxes = await client.keys('{nessus}:in:*')
    const copied = new Set<string>()
    while (performance.now() < endMs && made < DUPLICATES_MAX) {
      for (const inbox of inboxes) {
        for (const { message } of (await client.xRange(inbox, '-', '+', { COUNT: 3 })) ?? []) {
          const name = `${inbox} ${message['id']}`
          if (copied.has(name)) continue
          copied.add(name)
          await client.xAdd(inbox, '*', message)
          made += 1
        }
      }
    }
  })
  // Redis may be killed under us; what was made until then counts.
  await Promise.race([hunt.catch(() => {}), sleep(HUNT_MS * 2)])
  return made
}

export interface Injected {
  readonly kind: string
  readonly faults: number
  readonly healedAtMs: number
}

/** Makes trouble until `endMs` (of performance.now()), and resolves when the last of it has been mended. */
export async function makeTrouble(fleet: Fleet, seeded: Seeded, endMs: number): Promise<Injected[]> {
  const injected: Injected[] = []
  const underWay = new Set<Promise<void>>()
  while (performance.now() < endMs) {
    await sleep(seeded.between(PAUSE_MS.low, PAUSE_MS.high))
    if (underWay.size >= AT_ONCE_MAX) await Promise.race(underWay)
    const kind = seeded.pick(Object.keys(TROUBLES))
    const trouble = TROUBLES[kind]!(fleet, seeded)
      .then((faults) => void (faults > 0 && injected.push({ kind, faults, healedAtMs: performance.now() })))
      .finally(() => underWay.delete(trouble))
    underWay.add(trouble)
  }
  await Promise.all(underWay)
  return injected
}
