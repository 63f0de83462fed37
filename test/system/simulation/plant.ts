/** Bugs to plant: each makes the system under test a little worse, in the way a mistake would. */
import type { Settlement } from '../../../lib/bus/bus.ts'
import type { Context } from '../../../lib/runtime/function.ts'
import type { AnyOutcome } from '../../../lib/runtime/outcome.ts'
import type { Scanner } from '../../../lib/scanners/scanner.ts'
import type { Scan } from '../../../lib/scans/record.ts'

export interface Plant {
  /** Settles whether or not the lease is held. */
  readonly fenceless?: boolean
  /** Publishes an event id again as if it were new. */
  readonly forgetful?: boolean
  readonly settlement?: (settlement: Settlement) => Settlement
  readonly scanner?: (scanner: Scanner) => Partial<Scanner>
  readonly context?: (name: string, context: Context) => Partial<Context>
  readonly outcome?: (name: string, outcome: AnyOutcome) => AnyOutcome
}

const withoutWrites = (wrong: (command: string, key: string) => boolean): Plant => ({
  settlement: (each) => ({ ...each, writes: each.writes.filter(([command, key]) => !wrong(command, key)) }),
})
const withoutGuards = (wrong: (guard: Settlement['guards'][number]) => boolean): Plant => ({
  settlement: (each) => ({ ...each, guards: each.guards.filter((guard) => !wrong(guard)) }),
})
const seen = (functions: readonly string[], change: (scan: Scan, context: Context) => Partial<Scan>): Plant => ({
  context: (name, context) => {
    const { scan } = context
    return scan && functions.includes(name) ? { scan: { ...scan, ...change(scan, context) } } : {}
  },
})

interface Planted {
  readonly plant: Plant
  /** The checks that are made for it. */
  readonly noticedBy: readonly string[]
  /** Where to begin to look: few seeds notice it, and those before this one do not. */
  readonly fromSeed?: number
}

/**
 * Most are noticed within the first ten seeds by the check that is made for them. The room guard needs more: a slot must
 * be taken in the very moment of another's admission. Each also has a test of its own among the functions.
 */
export const PLANTS: Readonly<Record<string, Planted>> = {
  'the fence is removed': { noticedBy: ['S13'], plant: { fenceless: true } },
  'the revision guard is removed': {
    noticedBy: ['S6'],
    plant: withoutGuards((guard) => guard.if === 'field' && guard.field === 'rev'),
  },
  'the room guard is removed': {
    noticedBy: ['S4'],
    fromSeed: 29,
    plant: withoutGuards((guard) => guard.if === 'room'),
  },
  'the baton check is removed': {
    noticedBy: ['S1', 'S2', 'S8', 'S9'],
    plant: seen(['create', 'launch', 'poll', 'export', 'validate', 'stop'], (_, { event }) => ({
      next: event.id,
    })),
  },
  'a slot is not freed': {
    noticedBy: ['S4'],
    plant: withoutWrites((command, key) => command === 'SREM' && key.includes(':slots:')),
  },
  'a queue is not left': {
    noticedBy: ['S5'],
    plant: withoutWrites((command, key) => command === 'ZREM' && key.includes(':waiting:')),
  },
  'the log misses the ends of scans': {
    noticedBy: ['S6'],
    plant: {
      settlement: (each) => ({
        ...each,
        writes: each.writes.filter((write) => !(write[0] === 'XADD' && write.includes('done'))),
      }),
    },
  },
  'dead letters are not written': {
    noticedBy: ['S9'],
    plant: withoutWrites((command, key) => command === 'XADD' && key.endsWith(':dead')),
  },
  'the marker is not looked for': {
    noticedBy: ['S2', 'S12'],
    plant: { scanner: () => ({ findMarked: async () => [] }) },
  },
  'launch does not look first': {
    noticedBy: ['S2'],
    plant: {
      context: (name, { scanners }) => {
        if (name !== 'launch') return {}
        const scanner = (key: string): Scanner => {
          const real = scanners.scanner(key)
          const state = async () => ({ phase: 'idle' as const, status: 'empty', hosts: 0, runs: [] })
          return { ...real, state, launch: (own) => real.launch(own) }
        }
        return { scanners: { ...scanners, scanner } }
      },
    },
  },
  'nothing is confirmed': { noticedBy: ['S2'], plant: { context: () => ({ confirm: async () => () => {} }) } },
  'clean-up stops nothing': {
    noticedBy: ['S3'],
    fromSeed: 490,
    plant: {
      context: (name, { scanners }) => {
        if (name !== 'clean-up') return {}
        return { scanners: { ...scanners, scanner: (key) => ({ ...scanners.scanner(key), stop: async () => {} }) } }
      },
    },
  },
  'clean-up does not see what has run': {
    noticedBy: ['S12'],
    plant: {
      context: (name, { scanners, event }) => {
        if (name !== 'clean-up' || event.type !== 'scan.clean-up-due') return {}
        const idle = { phase: 'idle' as const, status: 'empty' }
        const scanner = (key: string): Scanner => {
          const real = scanners.scanner(key)
          const state = async (id: number) => {
            const found = await real.state(id)
            return found && { ...found, ...idle }
          }
          return { ...real, state }
        }
        return { scanners: { ...scanners, scanner } }
      },
    },
  },
  'an aborted run counts as completed': {
    noticedBy: ['S8'],
    plant: seen(['validate'], () => ({ scan_outcome: 'completed' })),
  },
  'a stopped scan counts as completed': {
    noticedBy: ['S8'],
    plant: seen(['validate'], () => ({ stopping: undefined }) as Partial<Scan>),
  },
  'the last in the queue goes first': {
    noticedBy: ['S10'],
    plant: {
      context: (name, { scans }) => {
        if (name !== 'admit') return {}
        const waiting: Context['scans']['waiting'] = async (...query) => (await scans.waiting(...query)).reverse()
        const last = async (...query: Parameters<typeof waiting>) => {
          return (await waiting(...query)).map(({ taskId, score }) => ({ taskId, score: -score }))
        }
        return { scans: { ...scans, waiting: last } }
      },
    },
  },
  'admission is not told of free slots': {
    noticedBy: ['S1'],
    plant: {
      settlement: (each) => ({
        ...each,
        posts: each.posts.filter(({ to, event }) => to !== 'admit' || event.type === 'scan.requested'),
      }),
    },
  },
  'events are published twice': { noticedBy: ['S11'], plant: { forgetful: true } },
}
