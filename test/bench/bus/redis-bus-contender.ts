/**
 * Our bus, doing for each event all that the dispatcher does: pull by free
 * capacity, read the scan's record, and settle in full: the record rewritten
 * under a guard on its revision, an entry in the public log, the next event.
 */
import type { Delivery, Post } from '../../../lib/bus/bus.ts'
import { childEvent, type BusEvent } from '../../../lib/bus/event.ts'
import { RedisBus } from '../../../lib/bus/redis/redis-bus.ts'
import type { Contender } from './contender.ts'

const BATCH = 1000
/** A scan has one event under way at a time. */
const SCANS = 1_000_000

export async function makeOurContender(url: string): Promise<Contender> {
  const bus = new RedisBus({ url, name: 'bench', consumer: 'worker' })
  await bus.host(['step', 'next'])
  let events = 0
  const event = (n: number): BusEvent => ({
    specversion: '1.0',
    id: `e${(events += 1)}`,
    type: 'scan.poll-due',
    source: 'bench',
    subject: `s${n % SCANS}`,
    time: bus.now().toISOString(),
    data: { step: 'poll', n },
  })
  const post = (n: number): Post => ({ to: 'step', event: event(n), delayMs: 0, attempt: 1 })
  const recordKey = (subject: string) => `${bus.keys.prefix}:scan:${subject}`

  /** One delivery as the dispatcher sees it through; a record that moved on meanwhile is read again. */
  const run = async (delivery: Delivery, emit: boolean, settling: () => void): Promise<void> => {
    const subject = delivery.event!.subject!
    const key = recordKey(subject)
    let { record } = delivery
    for (let result = 'stale'; result !== 'settled';) {
      const { revision = '' } = record ?? (await bus.keyspace.hash(key))
      record = undefined
      const child = { type: 'scan.polled', data: delivery.event!.data }
      const next = emit ? childEvent(delivery.event!, 0, child, { source: 'step', now: bus.now() }) : undefined
      const settled = bus.settle(delivery, {
        guards: [{ if: 'field', key, field: 'revision', is: revision, else: 'stale' }],
        writes: [
          [
            'HSET',
            key,
            'revision',
            String(Number(revision) + 1),
            'status',
            'running',
            'step',
            'poll',
            'progress',
            '50',
          ],
          [
            'XADD',
            bus.keys.log,
            'MAXLEN',
            '~',
            '10000',
            '*',
            'task',
            subject,
            'type',
            'scan.changed',
            'status',
            'running',
          ],
        ],
        posts: next ? [{ to: 'next', event: next, delayMs: 0, attempt: 1 }] : [],
      })
      settling()
      result = await settled
    }
  }

  /**
   * The dispatcher's loop: never more than `concurrency` functions at a time, and a pull for what is free. A function
   * that has decided is done: its settle and the next pull are on their way together.
   */
  const dispatch = async (count: number, concurrency: number, emit: boolean, started = () => {}) => {
    let running = 0
    let freed = () => {}
    const settles = new Set<Promise<void>>()
    for (let pulled = 0; pulled < count;) {
      if (running === concurrency) {
        await new Promise<void>((resolve) => {
          freed = resolve
        })
        continue
      }
      for (const delivery of await bus.pull(new Map([['step', concurrency - running]]))) {
        pulled += 1
        running += 1
        started()
        const decided = () => {
          // The read under way, if any, was asked for less than there is room for now.
          if (running === concurrency) bus.wake()
          running -= 1
          freed()
        }
        const done = run(delivery, emit, once(decided)).finally(() => settles.delete(done))
        settles.add(done)
      }
    }
    await Promise.all(settles)
  }

  return {
    name: 'nessus-mcp',
    async add(n) {
      await bus.publish([post(n)])
    },
    async fill(count) {
      for (let at = 0; at < count; at += BATCH) {
        await bus.publish(Array.from({ length: Math.min(BATCH, count - at) }, (_, n) => post(at + n)))
      }
    },
    async drain(count, concurrency, emit) {
      const startMs = performance.now()
      await dispatch(count, concurrency, emit)
      const elapsedMs = performance.now() - startMs
      await bus.connection.call((client) => client.del([bus.keys.inbox('step'), bus.keys.inbox('next')]))
      return elapsedMs
    },
    async idleLatencies(count) {
      const latencies: number[] = []
      let started = () => {}
      const dispatching = dispatch(count, 1, false, () => started())
      for (let n = 0; n < count; n++) {
        await new Promise((resolve) => setTimeout(resolve, 10))
        const startMs = performance.now()
        const start = new Promise<void>((resolve) => {
          started = resolve
        })
        await bus.publish([post(n)])
        await start
        latencies.push(performance.now() - startMs)
      }
      await dispatching
      return latencies
    },
    close: () => bus.close(),
  }
}

function once(action: () => void): () => void {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    action()
  }
}
