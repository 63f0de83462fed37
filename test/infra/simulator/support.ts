/** A simulator under a clock set by hand, and a caller that speaks plain HTTP to it. */
import { onTestFinished } from 'vitest'
import type { SimulatorOptions } from '../../../infra/simulator/options.ts'
import type { Simulator } from '../../../infra/simulator/simulator.ts'
import { startSimulator } from '../../../infra/simulator/simulator.ts'

export const BASIC = '731a8e52-3ea6-a291-ec0a-d2ff0619c19d7bd788d6be818b65'
const START_MS = Date.UTC(2026, 0, 5, 9)

// Answers are read as the loosest JSON there is: the tests say what they expect of it.
export interface Json {
  readonly [key: string]: any
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: Json
}

export interface World {
  readonly simulator: Simulator
  readonly keys: Readonly<Record<string, string>>
  pass(seconds: number): void
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  /** Creates a scan and returns its id. */
  create(settings?: object, rest?: object): Promise<number>
  status(id: number): Promise<string>
}

export interface CallOptions {
  readonly body?: unknown
  /** Sent as they are; API keys when left out. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Ended with the test. A scan takes about 100 simulated seconds, and nothing happens unless `pass` is called. */
export async function startWorld(options: SimulatorOptions = {}): Promise<World> {
  let nowMs = START_MS
  const simulator = await startSimulator({ scanSeconds: 100, clock: { now: () => nowMs }, ...options })
  onTestFinished(() => simulator.close())
  const keys = { 'x-apikeys': `accessKey=${simulator.accessKey}; secretKey=${simulator.secretKey}` }

  async function call(method: string, path: string, { body, headers = keys }: CallOptions = {}): Promise<Answer> {
    const isJson = body !== undefined && !(body instanceof URLSearchParams) && !(body instanceof FormData)
    const response = await fetch(simulator.url + path, {
      method,
      headers: { ...headers, ...(isJson ? { 'content-type': 'application/json' } : {}) },
      ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : body }),
    })
    const text = await response.text()
    const isObject = text.startsWith('{')
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isObject ? (JSON.parse(text) as Json) : {},
    }
  }

  return {
    simulator,
    keys,
    call,
    pass(seconds) {
      nowMs += seconds * 1000
    },
    async create(settings = {}, rest = {}) {
      const body = { uuid: BASIC, settings: { name: 'a scan', text_targets: '10.0.0.1', ...settings }, ...rest }
      const { json, status, text } = await call('POST', '/scans', { body })
      if (status !== 200) throw new Error(`create: ${status} ${text}`)
      return Number(json['scan'].id)
    },
    status: async (id) => String((await call('GET', `/scans/${id}`)).json['info'].status),
  }
}

/** Exports the scan's newest run and returns the document. */
export async function fetchReport(world: World, id: number): Promise<string> {
  const { json } = await world.call('POST', `/scans/${id}/export`, { body: { format: 'nessus' } })
  world.pass(10)
  return (await world.call('GET', `/tokens/${json['token']}/download`)).text
}

/** Logs in and returns the header of the session. */
export async function logIn(world: World): Promise<Record<string, string>> {
  const { username, password } = world.simulator
  const { json } = await world.call('POST', '/session', { body: { username, password }, headers: {} })
  return { 'x-cookie': `token=${json['token']}` }
}
