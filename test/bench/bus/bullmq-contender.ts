/** BullMQ as its manual says: on its own choice of client, ioredis; a job adds the next one from its handler, in a step of its own. */
import { Queue, Worker } from 'bullmq'
import type { Contender } from './contender.ts'

const BATCH = 1000

export async function makeBullContender(socket: string): Promise<Contender> {
  const connection = () => ({ path: socket, maxRetriesPerRequest: null })
  const options = { defaultJobOptions: { removeOnComplete: true } }
  let queues = 0
  const openQueue = async () => {
    const queue = new Queue(`q${(queues += 1)}`, { connection: connection(), ...options })
    await queue.waitUntilReady()
    return queue
  }
  let queue = await openQueue()
  const job = (n: number) => ({ scan: `s${n % 100}`, step: 'poll', n })

  return {
    name: 'BullMQ',
    async add(n) {
      await queue.add('e', job(n))
    },
    async fill(count) {
      for (let at = 0; at < count; at += BATCH) {
        const size = Math.min(BATCH, count - at)
        await queue.addBulk(Array.from({ length: size }, (_, n) => ({ name: 'e', data: job(at + n) })))
      }
    },
    async drain(count, concurrency, emit) {
      const next = await openQueue()
      let done = 0
      let finish = () => {}
      const finished = new Promise<void>((resolve) => {
        finish = resolve
      })
      const handle = emit ? async ({ data }: { data: unknown }) => void (await next.add('e', data)) : async () => {}
      const worker = new Worker(queue.name, handle, { connection: connection(), concurrency, autorun: false })
      worker.on('error', (error) => console.error('BullMQ', error.message))
      worker.on('completed', () => {
        if ((done += 1) === count) finish()
      })
      await worker.waitUntilReady()
      const startMs = performance.now()
      void worker.run()
      await finished
      const elapsedMs = performance.now() - startMs
      await worker.close()
      for (const each of [queue, next]) {
        await each.obliterate({ force: true })
        await each.close()
      }
      queue = await openQueue()
      return elapsedMs
    },
    async idleLatencies(count) {
      const latencies: number[] = []
      let started = () => {}
      const worker = new Worker(queue.name, async () => started(), { connection: connection(), concurrency: 1 })
      await worker.waitUntilReady()
      for (let n = 0; n < count; n++) {
        await new Promise((resolve) => setTimeout(resolve, 10))
        const startMs = performance.now()
        const start = new Promise<void>((resolve) => {
          started = resolve
        })
        await queue.add('e', job(n))
        await start
        latencies.push(performance.now() - startMs)
      }
      await worker.close()
      return latencies
    },
    async close() {
      await queue.close()
    },
  }
}
