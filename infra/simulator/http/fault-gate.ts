/** Makes the faults happen, on Node's own socket where HTTP has no word for it. */
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { TLSSocket } from 'node:tls'
import type { Fault, Faults } from '../faults.ts'
import { WRONG_ANSWERS } from '../wrong-answers.ts'
import type { Tally } from '../state/counts.ts'
import type { CallContext } from './env.ts'
import type { GateHandler } from './gates.ts'

const GARBAGE = '<<<<{"scans": [1, 2, \u0000 not what you asked for'

export function makeFaultGate({ faults, tally }: { faults: Faults; tally: Tally }): GateHandler {
  return async (call, next) => {
    const fault = faults.take({ method: call.req.method, path: call.req.path })
    if (!fault) return next()
    tally.fault()
    return act(call, fault, next)
  }
}

async function act(call: CallContext, fault: Fault, next: () => Promise<void>): Promise<Response | void> {
  switch (fault.action) {
    case 'status':
      return answer(call, fault.status, fault.body ?? JSON.stringify({ error: `Simulated ${fault.status}` }))
    case 'answer': {
      const { status, body, headers } = WRONG_ANSWERS[fault.answer]
      call.status(status as Parameters<typeof call.status>[0])
      return call.body(body, { headers })
    }
    case 'garbage':
      return answer(call, 200, fault.body ?? GARBAGE)
    case 'reset':
      return dropConnection(call)
    case 'hang':
      await once(call.env.outgoing, 'close')
      return RESPONSE_ALREADY_SENT
    case 'delay':
      await sleep(fault.delayMs)
      return next()
    case 'reset-after-commit':
      await next()
      await call.res.body?.cancel()
      return replaceAnswer(call, dropConnection(call))
    case 'truncate':
      await next()
      return replaceAnswer(call, await sendHalf(call, call.res))
  }
}

function answer(call: CallContext, status: number, body: string): Response {
  call.status(status as Parameters<typeof call.status>[0])
  return call.body(body, { headers: { 'content-type': 'application/json' } })
}

/** Hono would otherwise carry the headers of the first answer over. */
function replaceAnswer(call: CallContext, answer: Response): void {
  call.res = undefined
  call.res = answer
}

/** With a reset where the socket can send one: TLS can only hang up. */
function dropConnection(call: CallContext): Response {
  const { socket } = call.env.incoming
  if (socket instanceof Socket && !(socket instanceof TLSSocket)) socket.resetAndDestroy()
  else socket.destroy()
  return RESPONSE_ALREADY_SENT
}

async function sendHalf(call: CallContext, answered: Response): Promise<Response> {
  const { outgoing } = call.env
  const announced = answered.headers.get('content-length')
  // A long document says how long it is and passes through; only a short one is held to be measured.
  const body = announced === null ? new Blob([await answered.arrayBuffer()]) : undefined
  const length = body?.size ?? Number(announced)
  outgoing.writeHead(answered.status, { ...Object.fromEntries(answered.headers), 'content-length': length })
  let left = Math.floor(length / 2)
  for await (const part of body?.stream() ?? answered.body ?? []) {
    const isFull = !outgoing.write(part.subarray(0, left))
    if (isFull && !outgoing.destroyed) await room(outgoing)
    left -= part.length
    if (left <= 0 || outgoing.destroyed) break
  }
  outgoing.socket?.destroySoon()
  return RESPONSE_ALREADY_SENT
}

/** Until more can be written, or the caller went away, who will never make room. */
async function room(outgoing: ServerResponse): Promise<void> {
  const waiting = new AbortController()
  const { signal } = waiting
  await Promise.race([once(outgoing, 'drain', { signal }), once(outgoing, 'close', { signal })])
  // Takes the other listener away: its rejection ends in the race.
  waiting.abort()
}
