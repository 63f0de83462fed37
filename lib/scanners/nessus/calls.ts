/**
 * Calls to the scanner as somebody: with access renewed once, and with what a
 * missing scan API does to writes made plain.
 *
 * A write that touches a scan (`scanWrite`) is refused with 412 where the licence
 * has no scan API, unless it bears the web interface's token. The connection may
 * break before the 412 is seen. So after a break the licence is asked: if it rules
 * launching out, that was the reason; if not, nobody knows what happened, and the
 * caller has to look before repeating. No write is ever repeated here, but for
 * those that were refused unread (401; 412 with a stale token).
 */
import type { IncomingMessage } from 'node:http'
import type { ScannerEntry } from '../entry.ts'
import type { Access } from './access.ts'
import { answerError, licenceError, parseAnswer } from './answers.ts'
import { ConnectionLostError } from '../away-error.ts'
import { readLicence } from './properties.ts'
import type { Call, Calls } from './call.ts'
import type { ScannerAnswer, ScannerRequest } from './exchange.ts'
import type { Transport } from './transport.ts'
import type { WebToken } from './web-token.ts'

interface CallsOptions {
  readonly entry: ScannerEntry
  readonly transport: Transport
  readonly access: Access
  readonly webToken: WebToken
}

export function makeCalls({ entry, transport, access, webToken }: CallsOptions): Calls {
  /** Runs `attempt` with access, and once more with fresh access if it was refused. */
  const asSomebody = async <A extends { status: number } | IncomingMessage>(
    call: Call,
    attempt: (request: ScannerRequest) => Promise<A>,
  ): Promise<A> => {
    const used = await access.headers()
    const answer = await attempt(requestOf(call, used))
    if (statusOf(answer) !== 401 || !access.renew(used)) return answer
    return await attempt(requestOf(call, await access.headers()))
  }

  const sendOnce = (call: Call): Promise<ScannerAnswer> => asSomebody(call, (request) => transport.send(request))

  const sendScanWrite = async (call: Call): Promise<ScannerAnswer> => {
    try {
      if (!entry.webSession) return await sendOnce(call)
      return await withWebToken(call)
    } catch (error) {
      if (!(error instanceof ConnectionLostError)) throw error
      if (!entry.webSession && (await launchIsRuledOut())) throw licenceError(entry, call.what)
      const advice = `whether it did ${call.what} is not known, so look before asking again`
      throw new ConnectionLostError(`${error.message}; ${advice}`, { scanner: error.scanner, cause: error })
    }
  }

  const withWebToken = async (call: Call): Promise<ScannerAnswer> => {
    const token = await webToken.get()
    try {
      const answer = await sendOnce(withToken(call, token))
      if (answer.status !== 412) return answer
    } catch (error) {
      // Perhaps a hidden 412: the next attempt shall not bear the same token.
      webToken.forget(token)
      throw error
    }
    webToken.forget(token)
    return await sendOnce(withToken(call, await webToken.get()))
  }

  const launchIsRuledOut = async (): Promise<boolean> => {
    try {
      return (await readLicence(calls)).scanApi === false
    } catch {
      // It cannot be asked either, so nothing is ruled out.
      return false
    }
  }

  const calls: Calls = {
    async send(call) {
      const answer = await (call.scanWrite === true ? sendScanWrite(call) : sendOnce(call))
      if (answer.status === 200 || call.accept?.includes(answer.status)) return answer
      throw errorFor(answer, call, entry)
    },
    async read(schema, call) {
      return parseAnswer(schema, await calls.send(call), { entry, what: call.what })
    },
    async open(call) {
      const answer = await asSomebody(call, (request) => transport.open(request))
      if (!('status' in answer)) return answer
      throw errorFor(answer, call, entry)
    },
  }
  return calls
}

function requestOf(call: Call, headers: Readonly<Record<string, string>>): ScannerRequest {
  const { method, path, route, json, permit } = call
  const body =
    json === undefined ? call.body : { contentType: 'application/json', bytes: Buffer.from(JSON.stringify(json)) }
  return { method, path, route, headers: { ...call.headers, ...headers }, permit, ...(body && { body }) }
}

function withToken(call: Call, token: string): Call {
  return { ...call, headers: { ...call.headers, 'x-api-token': token } }
}

function statusOf(answer: { status: number } | IncomingMessage): number {
  return 'status' in answer ? answer.status : (answer.statusCode ?? 0)
}

function errorFor(answer: ScannerAnswer, { what, secrets, temporary }: Call, entry: ScannerEntry): Error {
  const error = answerError(answer, { entry, what, ...(secrets && { secrets }) })
  return temporary?.includes(answer.status) ? new Error(error.message, { cause: error }) : error
}
