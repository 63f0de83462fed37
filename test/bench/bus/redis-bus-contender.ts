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
const SCANS = 100

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
  const run = async (delivery: Delivery, emit: boolean): Promise<void> => {
    const subject = delivery.event!.subject!
    const key = recordKey(subject)
    for (let result = 'stale'; result !== 'settled';) {
      const { revision = '' } = await bus.keyspace.hash(key)
      const child = { type: 'scan.polled', data: delivery.event!.data }
      const next = emit ? childEvent(delivery.event!, 0, child, { source: 'step', now: bus.now() }) : undefined
      result = await bus.settle(delivery, {
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
    }
  }

  /** The dispatcher's loop: never more than `concurrency` at a time, and a pull for what is free. */
  const dispatch = async (count: number, concurrency: number, handle: (delivery: Delivery) => Promise<void>) => {
    const running = new Set<Promise<void>>()
    for (let started = 0; started < count;) {
      if (running.size === concurrency) {
        await Promise.race(running)
        continue
      }
      for (const delivery of await bus.pull(new Map([['step', concurrency - running.size]]))) {
        started += 1
        const done = handle(delivery).finally(() => {
          if (running.size === concurrency) bus.wake()
          running.delete(done)
        })
        running.add(done)
      }
    }
    await Promise.all(running)
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
      await dispatch(count, concurrency, (delivery) => run(delivery, emit))
      const elapsedMs = performance.now() - startMs
      await bus.connection.call((client) => client.del([bus.keys.inbox('step'), bus.keys.inbox('next')]))
      return elapsedMs
    },
    async idleLatencies(count) {
      const latencies: number[] = []
      let started = () => {}
      const dispatching = dispatch(count, 1, async (delivery) => {
        started()
        await run(delivery, false)
      })
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
