/**
 * Our bus under the dispatcher, doing for each event all that a step of a scan
 * does: read the scan's record and settle in full, that is, rewrite the record
 * under a guard on its revision, append to the public log and emit the next event.
 */
import { silentLog } from '../../../lib/base/log.ts'
import type { Delivery, Post } from '../../../lib/bus/bus.ts'
import { childEvent, type BusEvent } from '../../../lib/bus/event.ts'
import { RedisBus } from '../../../lib/bus/redis/redis-bus.ts'
import { dispatch } from '../../../lib/runtime/dispatcher.ts'
import type { Contender } from './contender.ts'

const BATCH = 1000
/** More than there are jobs at a time: a scan has one event under way. */
const SCANS = 1_000_000

export async function makeOurContender(url: string): Promise<Contender> {
  const adder = new RedisBus({ url, name: 'bench', consumer: 'adder' })
  await adder.host([])
  let events = 0
  const event = (n: number): BusEvent => ({
    specversion: '1.0',
    id: `e${(events += 1)}`,
    type: 'scan.poll-due',
    source: 'bench',
    subject: `s${n % SCANS}`,
    time: adder.now().toISOString(),
    data: { step: 'poll', n },
  })
  const post = (n: number): Post => ({ to: 'step', event: event(n), delayMs: 0, attempt: 1 })

  let workers = 0
  /** A worker: the dispatcher over a bus of its own, ready but not started. */
  const makeWorker = async (concurrency: number, run: (bus: RedisBus, delivery: Delivery) => Promise<void>) => {
    const bus = new RedisBus({ url, name: 'bench', consumer: `worker ${(workers += 1)}` })
    await bus.host(['step', 'next'])
    const stopping = new AbortController()
    const functions = [{ name: 'step', concurrency, kind: 'scan' as const }]
    const pause = async () => {}
    return {
      start: () =>
        dispatch({ bus, functions, run: (delivery) => run(bus, delivery), pause, log: silentLog }, stopping.signal),
      async stop(dispatching: Promise<void>) {
        stopping.abort()
        await dispatching
        await bus.release()
        await bus.close()
      },
    }
  }

  /** One delivery seen through; a record that moved on meanwhile is read again. */
  const run = async (bus: RedisBus, delivery: Delivery, emit: boolean): Promise<void> => {
    const subject = delivery.event!.subject!
    const key = bus.keys.record(subject)
    let { record } = delivery
    for (let result = 'stale'; result !== 'settled';) {
      const { revision = '' } = record ?? (await bus.keyspace.hash(key))
      record = undefined
      const child = { type: 'scan.polled', data: delivery.event!.data }
      const next = emit ? childEvent(delivery.event!, 0, child, { source: 'step', now: bus.now() }) : undefined
      const state = ['revision', String(Number(revision) + 1), 'status', 'running', 'step', 'poll', 'progress', '50']
      const entry = ['task', subject, 'type', 'scan.changed', 'status', 'running']
      result = await bus.settle(delivery, {
        guards: [{ if: 'field', key, field: 'revision', is: revision, else: 'stale' }],
        writes: [
          ['HSET', key, ...state],
          ['XADD', bus.keys.log, 'MAXLEN', '~', '10000', '*', ...entry],
        ],
        posts: next ? [{ to: 'next', event: next, delayMs: 0, attempt: 1 }] : [],
      })
    }
  }

  return {
    name: 'nessus-mcp',
    async add(n) {
      await adder.publish([post(n)])
    },
    async fill(count) {
      for (let at = 0; at < count; at += BATCH) {
        await adder.publish(Array.from({ length: Math.min(BATCH, count - at) }, (_, n) => post(at + n)))
      }
    },
    async drain(count, concurrency, emit) {
      let done = 0
      let finish = () => {}
      const finished = new Promise<void>((resolve) => {
        finish = resolve
      })
      const worker = await makeWorker(concurrency, async (bus, delivery) => {
        await run(bus, delivery, emit)
        if ((done += 1) === count) finish()
      })
      const startMs = performance.now()
      const dispatching = worker.start()
      await finished
      const elapsedMs = performance.now() - startMs
      await worker.stop(dispatching)
      await adder.connection.call((client) => client.del([adder.keys.inbox('step'), adder.keys.inbox('next')]))
      return elapsedMs
    },
    async idleLatencies(count) {
      const latencies: number[] = []
      let started = () => {}
      const worker = await makeWorker(1, async (bus, delivery) => {
        started()
        await run(bus, delivery, false)
      })
      const dispatching = worker.start()
      for (let n = 0; n < count; n++) {
        await new Promise((resolve) => setTimeout(resolve, 10))
        const startMs = performance.now()
        const start = new Promise<void>((resolve) => {
          started = resolve
        })
        await adder.publish([post(n)])
        await start
        latencies.push(performance.now() - startMs)
      }
      await worker.stop(dispatching)
      return latencies
    },
    close: () => adder.close(),
  }
}
