/** Runs the one script that changes anything. Nobody waits for memory here: what may be refused for want of it is refused at once. */
import { Refusal } from '../../base/errors.ts'
import { type Connection, RETRY_FOR_MS } from './connection/connection.ts'
import { type SettleAnswer, SETTLE, SETTLE_NEW } from './scripts/settle-script.ts'
import { isOutOfMemory } from './connection/redis-errors.ts'

const OUT_OF_MEMORY =
  'Redis is out of memory (maxmemory), so nothing new is taken; scans that were accepted go on. Nothing was done. ' +
  'Give Redis more memory or delete old scans with delete_scan, then try again.'

export interface Order {
  readonly keys: string[]
  readonly args: string[]
  /** It begins something that stays, and has to wait for memory. */
  readonly grows: boolean
  /** How long to go on trying when Redis is away. */
  readonly retryForMs?: number
}

/** What the script answered, and how often it was sent. Throws Refusal `busy` when it would grow and memory is out. */
export async function runSettleScript(
  connection: Connection,
  order: Order,
): Promise<{ answer: SettleAnswer; tries: number }> {
  const { keys, args, grows, retryForMs = RETRY_FOR_MS } = order
  const script = grows ? SETTLE_NEW : SETTLE
  let tries = 0
  const answer = await connection.call(async (client) => {
    tries += 1
    try {
      return (await script.run(client, keys, args)) as SettleAnswer
    } catch (error) {
      if (grows && isOutOfMemory(error)) return undefined
      throw error
    }
  }, retryForMs)
  if (!answer) throw new Refusal('busy', OUT_OF_MEMORY)
  return { answer, tries }
}
