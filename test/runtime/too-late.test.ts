/** Goal: a call whose caller has given up is not carried out behind their back. */
import { expect, test } from 'vitest'
import { callEvent } from '../../lib/gateway/call-event.ts'
import { makeWorld, replyTo, sealedCall } from '../support/world.ts'

const TOOL = 'run_untrusted_scan'
const WAITS_MS = 1000

/** A call as the gateway publishes it, that a worker gets to after `afterMs`. */
async function answeredAfter(afterMs: number) {
  const world = makeWorld()
  const call = { tool: TOOL, args: { targets: '192.0.2.10', name: 'Weekly' }, id: 'late' }
  const { event, writes } = sealedCall({ ...call, services: world.services, time: '' })
  const sealed = { data: event.data as Record<string, unknown>, writes }
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const published = callEvent(TOOL, sealed, {
    id: call.id,
    gateway: 'gateway',
    traceparent,
    now: world.bus.now(),
    timeoutMs: WAITS_MS,
  })
  await world.bus.publish([{ to: TOOL, event: published, delayMs: 0, attempt: 1 }], { guards: [], writes })
  world.clock.ms += afterMs
  const outcome = await world.deliver(TOOL)
  return { outcome, reply: replyTo(world.server, call.id), world }
}

test('a call that a worker gets to after its caller has given up is not carried out, and says so', async () => {
  const { outcome, reply, world } = await answeredAfter(WAITS_MS + 1)
  expect(outcome).toBe('refused')
  expect(reply).toMatchObject({
    kind: 'refusal',
    code: 'unavailable',
    message: 'The call came too late. Nothing was done: call again.',
  })
  expect((await world.services.scans.list({ limit: 5 })).total).toBe(0)
  expect(world.waiting('admit')).toEqual([])
  expect(world.waiting(TOOL)).toEqual([])
})

test('a call that is taken up in its last moment is carried out', async () => {
  const { outcome, reply, world } = await answeredAfter(WAITS_MS)
  expect(outcome).toBe('settled')
  expect(reply).toMatchObject({ kind: 'result', result: { status: 'queued' } })
  expect((await world.services.scans.list({ limit: 5 })).total).toBe(1)
})
