/**
 * Calls to the scanner as somebody: with access renewed once, and with what a
 * missing scan API does to writes made plain.
 *
 * A write that touches a scan (`scanWrite`) is refused with 412 where the licence
 * has no scan API, unless it bears the web interface's token. The connection may
 * break before the 412 is seen. So after either the licence is asked: if it rules
 * launching out, that was the reason; if not, nobody knows what happened, and the
 * caller has to look before repeating. No write is ever repeated here, but for
 * those that were refused unread (401; 412 with a stale token).
 */
import type { IncomingMessage } from 'node:http'
import { ConnectionLostError } from '../away-error.ts'
import type { ScannerEntry } from '../entry.ts'
import type { ScannerAccess } from './access.ts'
import { meaningOf, whatCame, type Asked } from './answer-table.ts'
import { answerError, hostsError, licenceError, parseAnswer, roleError, type AnswerContext } from './answers.ts'
import type { Answered, Call, Calls } from './call.ts'
import type { ScannerAnswer, ScannerRequest } from './exchange.ts'
import { makeLastingReasons } from './lasting-reasons.ts'
import type { Transport } from './transport.ts'
import type { WebToken } from './web-token.ts'

/** Only what comes before a launch may fail for good: see AT4 in answer-table.ts. */
const BEFORE_LAUNCH: readonly Asked[] = ['prepare', 'create', 'launch']

interface CallsOptions {
  readonly entry: ScannerEntry
  readonly transport: Transport
  readonly access: ScannerAccess
  readonly webToken: WebToken
}

export function makeCalls({ entry, transport, access, webToken }: CallsOptions): Calls {
  const asSomebody = withAccess(access)

  const sendOnce = (call: Call): Promise<ScannerAnswer> =>
    asSomebody(call, async (request) => withSecrets(await transport.send(request), request))

  const sendScanWrite = async (call: Call): Promise<ScannerAnswer> => {
    try {
      if (!entry.webSession) return await sendOnce(call)
      return await withWebToken(call)
    } catch (error) {
      if (!(error instanceof ConnectionLostError)) throw error
      if (BEFORE_LAUNCH.includes(call.asked) && (await reasons.licence())) throw licenceError(entry, call.what)
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

  /** The answer, if it means that it was done or claims something about a scan; else throws what it means. */
  const judged = async (answer: ScannerAnswer, call: Call): Promise<Answered> => {
    const meaning = meaningOf(call.asked, whatCame(answer))
    const context = contextOf(call, entry)
    if (meaning === 'licence' && (await reasons.licence())) throw licenceError(entry, call.what)
    if (meaning === 'role' && reasons.hosts(answer)) throw hostsError(answer, context)
    if (meaning === 'role' && (await reasons.role(answer))) throw roleError(answer, context)
    if (meaning === 'done' || meaning === 'gone' || meaning === 'late') return { ...answer, meaning }
    throw answerError(meaning, answer, context)
  }

  const calls: Omit<Calls, 'reasons'> = {
    async send(call) {
      return judged(await (call.scanWrite === true ? sendScanWrite(call) : sendOnce(call)), call)
    },
    async read(schema, call) {
      const answer = await calls.send(call)
      const context = contextOf(call, entry)
      if (answer.meaning !== 'done') throw answerError(answer.meaning, answer, context)
      return parseAnswer(schema, answer, context)
    },
    async open(call) {
      const answer = await asSomebody(call, async (request) => {
        const came = await transport.open(request)
        return 'status' in came ? withSecrets(came, request) : came
      })
      if (!('status' in answer)) return answer
      await judged(answer, call)
      throw answerError('late', answer, contextOf(call, entry))
    },
  }
  const reasons = makeLastingReasons({ calls, entry })
  return { ...calls, reasons }
}

function contextOf({ what, secrets }: Call, entry: ScannerEntry): AnswerContext {
  return { entry, what, ...(secrets && { secrets }) }
}

/** Runs `attempt` with access, and once more with fresh access if it was refused. */
function withAccess(access: ScannerAccess) {
  return async <A extends { status: number } | IncomingMessage>(
    call: Call,
    attempt: (request: ScannerRequest) => Promise<A>,
  ): Promise<A> => {
    const used = await access.headers()
    const answer = await attempt(requestOf(call, used))
    if (statusOf(answer) !== 401 || !access.renew(used)) return answer
    return await attempt(requestOf(call, await access.headers()))
  }
}

/** Each secret of the request's headers, and the parts of one that is made of `name=value`. */
function withSecrets(answer: ScannerAnswer, { headers = {} }: ScannerRequest): ScannerAnswer {
  const bore = SECRET_HEADERS.flatMap((name) => {
    const value = headers[name]
    if (typeof value !== 'string') return []
    return [value, ...value.split(';').map((part) => part.replace(/^[^=]*=/, '').trim())]
  })
  return { ...answer, bore }
}

const SECRET_HEADERS = ['x-cookie', 'x-api-token', 'x-apikeys', 'authorization', 'cookie']

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
