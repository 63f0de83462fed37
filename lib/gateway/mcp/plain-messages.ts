/**
 * Stands between a client and the SDK's server: what comes in is read as clients write it (null for an argument that is
 * left out, a cursor that is empty, arguments as JSON in a string), and what the SDK's validator says of the rest goes
 * out in words that name the field, what was expected and what came.
 */
import { type JSONRPCMessage, type McpServer, ProtocolErrorCode, type Transport } from '@modelcontextprotocol/server'
import * as v from 'valibot'

/** Must be called before the server is connected. */
export function speakPlainly({ server }: McpServer): void {
  const connect = server.connect.bind(server)
  server.connect = (transport) => {
    listenPlainly(transport)
    const send = transport.send.bind(transport)
    transport.send = (message, options) => send(inPlainWords(message), options)
    return connect(transport)
  }
}

/** The server takes the transport's messages between being connected and the transport's start. */
function listenPlainly(transport: Transport): void {
  const start = transport.start.bind(transport)
  transport.start = () => {
    const heard = transport.onmessage
    if (heard) transport.onmessage = (message, extra) => heard(asWritten(message), extra)
    return start()
  }
}

const isNothing = (value: unknown) => value === null || value === ''
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The message with what its client must have meant. */
export function asWritten<M extends JSONRPCMessage>(message: M): M {
  if (!('method' in message) || !isObject(message.params)) return message
  const { cursor, arguments: args, ...params } = message.params
  if ('cursor' in message.params && !isNothing(cursor)) params['cursor'] = cursor
  const read = readArguments(message.method, args)
  if (read !== undefined) params['arguments'] = read
  return { ...message, params }
}

function readArguments(method: string, given: unknown): unknown {
  if (isNothing(given)) return undefined
  const args = typeof given === 'string' ? (parsedObject(given) ?? given) : given
  // The arguments of prompts are texts by the protocol; a number is meant as one.
  if (method !== 'prompts/get' || !isObject(args)) return args
  const written = Object.entries(args).filter(([, value]) => !isNothing(value))
  return Object.fromEntries(
    written.map(([name, value]) => [
      name,
      typeof value === 'number' || typeof value === 'boolean' ? String(value) : value,
    ]),
  )
}

function parsedObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const Issues = v.pipe(
  v.array(v.object({ code: v.string(), path: v.array(v.union([v.string(), v.number()])), message: v.string() })),
  v.minLength(1),
)
const KINDS: Readonly<Record<string, string>> = {
  record: 'an object',
  object: 'an object',
  array: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  undefined: 'none',
}

/** The SDK puts its validator's issues into the message of the error, as JSON. */
export function inPlainWords<M extends JSONRPCMessage>(message: M): M {
  if (!('error' in message)) return message
  const issues = issuesIn(message.error.message)
  if (!issues) return message
  const problems = issues.map(({ path, message: said }) => {
    const [, expected = '', came = ''] = /expected ([\w-]+), received ([\w-]+)/.exec(said) ?? []
    const field = path.filter((step, at) => at > 0 || step !== 'params').join('.')
    const problem = expected === '' ? 'not as the protocol has it' : `expected ${wordOf(expected)}, got ${wordOf(came)}`
    return `${field || 'params'}: ${problem}`
  })
  return {
    ...message,
    error: { ...message.error, code: ProtocolErrorCode.InvalidParams, message: problems.join('; ') },
  }
}

const wordOf = (kind: string) => KINDS[kind] ?? kind

function issuesIn(text: string): v.InferOutput<typeof Issues> | undefined {
  const start = text.indexOf('[')
  if (start < 0 || !text.trimEnd().endsWith(']')) return undefined
  try {
    const found = v.safeParse(Issues, JSON.parse(text.slice(start)))
    return found.success ? found.output : undefined
  } catch {
    return undefined
  }
}
