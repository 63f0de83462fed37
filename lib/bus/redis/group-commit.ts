/**
 * Group commit: what is settled in one turn of the event loop goes to Redis
 * together. Each settlement stays all or nothing by itself; what they share is
 * the way there, one acknowledgement for each inbox, and one reading of the
 * events that come next.
 *
 * A group is small, so that Redis settles one while functions run on the answers
 * to the one before, and neither waits for the other.
 */
import { ErrorReply } from 'redis'
import type { Delivery, Settlement } from '../bus.ts'
import { runSettleScript } from './run-settle-script.ts'
import type { Connection } from './connection/connection.ts'
import { scriptArguments, settleWords, type SettlementWords } from './scripts/settle-script.ts'
import { takenEntry, type InboxEntry } from './scripts/take-script.ts'

const GROUP_MAX = 16
/** A settle goes on trying: its function has run, and running it again costs more. */
const SETTLE_RETRY_MS = 3_600_000

export interface GroupCommitOptions {
  readonly connection: Connection
  readonly prefix: string
  readonly consumer: string
  readonly recordPrefix: string
  /** Hears of the next events that settling brought along. */
  readonly onTaken: (entry: InboxEntry) => void
}

/** What became of one settlement: the script's code for it, and how often it was sent. */
interface Committed {
  readonly code: number
  readonly tries: number
}

interface Waiting extends SettlementWords {
  readonly delivery: Delivery
  readonly grows: boolean
  readonly resolve: (committed: Committed) => void
  readonly reject: (error: unknown) => void
}

export class GroupCommit {
  readonly #options: GroupCommitOptions
  #waiting: Waiting[] = []

  constructor(options: GroupCommitOptions) {
    this.#options = options
  }

  /** Settles; with `wantsNext` the next event of the inbox is taken in the same step. Throws what {@link runSettleScript} throws. */
  commit(inbox: string, delivery: Delivery, settlement: Settlement, wantsNext: boolean): Promise<Committed> {
    const words = settleWords(settlement, settlement.posts, delivery)
    // The first of two settles of one delivery must be over before the second is judged.
    if (this.#waiting.some((each) => each.delivery === delivery)) this.#flush()
    return new Promise((resolve, reject) => {
      // A tick comes when all that is ready to run has run, and before anything is sent.
      if (this.#waiting.length === 0) process.nextTick(() => this.#flush())
      this.#waiting.push({ inbox, delivery, wantsNext, words, grows: settlement.grows === true, resolve, reject })
    })
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    // What may be refused for want of memory goes alone: a refusal is of all that was sent together.
    for (const each of waiting) if (each.grows) void this.#send([each])
    const rest = waiting.filter(({ grows }) => !grows)
    for (let at = 0; at < rest.length; at += GROUP_MAX) void this.#send(rest.slice(at, at + GROUP_MAX))
  }

  async #send(group: readonly Waiting[]): Promise<void> {
    const { connection, prefix, consumer, recordPrefix, onTaken } = this.#options
    try {
      const { keys, args } = scriptArguments({ prefix, consumer, recordPrefix }, group)
      const grows = group[0]!.grows
      const { answer, tries } = await runSettleScript(connection, { keys, args, grows, retryForMs: SETTLE_RETRY_MS })
      const [codes, taken] = answer
      for (const row of taken) onTaken(takenEntry(keys, row))
      for (const [n, { resolve, reject }] of group.entries()) {
        const code = codes[n]!
        if (typeof code === 'number') resolve({ code, tries })
        else reject(new ErrorReply(code))
      }
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }
}
