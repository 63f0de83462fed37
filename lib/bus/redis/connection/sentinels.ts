/**
 * Asks sentinels where the master is. All are asked at once and the most named
 * one wins: a sentinel that lost its network still names the former master.
 */
import type { Node } from './address.ts'
import { destroy, makeClient, type RedisClient } from './client.ts'

const ANSWER_MAX_MS = 1000

interface Question {
  /** URLs of the sentinels, with their login. */
  readonly urls: readonly string[]
  readonly master: string
}

/** Answers within about a second; throws when no sentinel answers, or none knows `master`. */
export async function askSentinels({ urls, master }: Question): Promise<Node> {
  const answers = await Promise.allSettled(urls.map((url) => ask(url, master)))
  const named = answers.flatMap((answer) => (answer.status === 'fulfilled' && answer.value ? [answer.value] : []))
  const votes = new Map<string, number>()
  for (const node of named) votes.set(key(node), (votes.get(key(node)) ?? 0) + 1)
  const [winner] = named.toSorted((a, b) => (votes.get(key(b)) ?? 0) - (votes.get(key(a)) ?? 0))
  if (winner) return winner
  const failed = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []))
  if (failed.length === answers.length) {
    throw new Error(`none of ${urls.length} sentinels answers`, { cause: failed[0] })
  }
  throw new Error(`no sentinel knows a master named ${master}; check the name in REDIS_URL`, { cause: failed[0] })
}

/** `undefined` when this sentinel knows no such master. */
async function ask(url: string, master: string): Promise<Node | undefined> {
  const client: RedisClient = makeClient(url, ANSWER_MAX_MS)
  client.on('error', () => {})
  const timer = setTimeout(() => destroy(client), ANSWER_MAX_MS)
  try {
    await client.connect()
    const reply = await client.sendCommand(['SENTINEL', 'get-master-addr-by-name', master])
    if (!Array.isArray(reply)) return undefined
    const [host, port] = reply.map(String)
    return { host: host ?? '', port: Number(port) }
  } finally {
    clearTimeout(timer)
    destroy(client)
  }
}

function key({ host, port }: Node): string {
  return `${host} ${port}`
}
