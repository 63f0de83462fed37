/**
 * The dispatcher: pulls events for the functions this worker hosts and runs
 * them, never more of one function at a time than it allows.
 *
 * An event whose worker died may be what killed it, so it runs alone among the
 * steps of scans, and no neighbour goes with it. Tool calls go on meanwhile: one
 * whose worker dies is answered, never run again.
 */
import type { Log } from '../base/log.ts'
import type { Bus, Delivery } from '../bus/bus.ts'
import type { AnyFunction } from './function.ts'

const OUTAGE_PAUSE_MS = 500

export interface DispatcherOptions {
  readonly bus: Bus
  readonly functions: readonly Pick<AnyFunction, 'name' | 'concurrency' | 'kind'>[]
  /** Sees one delivery through. */
  readonly run: (delivery: Delivery) => Promise<unknown>
  readonly pause: (ms: number) => Promise<void>
  readonly log: Log
}

/** Dispatches until `signal` aborts, then waits for the deliveries that still run. */
export async function dispatch({ bus, functions, run, pause, log }: DispatcherOptions, signal: AbortSignal) {
  const hosted = functions.map((definition) => ({ ...definition, running: new Set<Promise<unknown>>() }))
  const byName = new Map(hosted.map((each) => [each.name, each]))
  const stepsRun = () => hosted.some(({ kind, running }) => kind !== 'call' && running.size > 0)
  const everything = () => hosted.flatMap(({ running }) => [...running])
  let alone: Promise<unknown> | undefined
  let oneEnded = () => {}

  const room = (callsOnly: boolean) => {
    const open = hosted.filter(({ kind, running, concurrency }) => {
      return running.size < concurrency && (kind === 'call' || !callsOnly)
    })
    return new Map(open.map(({ name, running, concurrency }) => [name, concurrency - running.size]))
  }
  const start = (delivery: Delivery) => {
    const { running, concurrency } = byName.get(delivery.function)!
    const done = run(delivery)
      .catch((error: unknown) => {
        log.error('left to its lease', { function: delivery.function, id: delivery.event?.id, error: String(error) })
        bus.abandon(delivery)
      })
      .finally(() => {
        // The read under way leaves out what was full, or all steps while a suspect waits its turn.
        if (running.size === concurrency || bus.lapsed().suspects) bus.wake()
        running.delete(done)
        oneEnded()
      })
    running.add(done)
    return done
  }
  const turn = async () => {
    const { released, suspects } = bus.lapsed()
    const free = room(suspects || alone !== undefined)
    if (suspects && !alone && !stepsRun()) {
      for (const delivery of await bus.claim(room(false), true)) {
        alone = start(delivery).finally(() => {
          alone = undefined
          bus.wake()
          oneEnded()
        })
      }
    } else if (free.size === 0) await new Promise<void>((resolve) => (oneEnded = resolve))
    else if (released && !suspects) for (const delivery of await bus.claim(free, false)) void start(delivery)
    else for (const delivery of await bus.pull(free)) void start(delivery)
  }

  signal.addEventListener('abort', () => bus.drain(), { once: true })
  while (!signal.aborted) {
    try {
      await turn()
    } catch (error) {
      log.error('the bus does not answer; trying again', { error: String(error) })
      await pause(OUTAGE_PAUSE_MS)
    }
  }
  await Promise.all(everything())
}
