/** Reading the dead letters: what was given up, where, why, and how often it had been tried. */
import * as v from 'valibot'
import { parseEvent, type BusEvent } from '../../bus/event.ts'
import type { BusKeys } from '../../bus/keys.ts'
import type { Keyspace, StreamEntry } from '../../bus/keyspace.ts'

const BATCH = 500

export interface DeadLetter {
  /** By which operators and scans name it. */
  readonly id: string
  /** Its place in the stream; begins with the time (ms) at which it was given up. */
  readonly entryId: string
  readonly function: string
  readonly eventType: string
  /** The scan it is about. */
  readonly taskId: string | undefined
  readonly traceId: string | undefined
  readonly attempts: number
  readonly deliveries: number
  readonly firstFailure: Date
  readonly lastFailure: Date
  /** The error and its causes, outermost first. */
  readonly errors: readonly string[]
  /** Names what it has in common with others; absent in letters of older versions. */
  readonly cause: string | undefined
  /** The event whole; `undefined` when what had come was none. */
  readonly event: BusEvent | undefined
  readonly raw: string
}

/** All conditions must hold. */
export interface LetterFilter {
  readonly ids?: readonly string[] | undefined
  readonly taskId?: string | undefined
  readonly function?: string | undefined
  /** Part of any of its error messages, in any case. */
  readonly error?: string | undefined
  readonly since?: Date | undefined
  readonly until?: Date | undefined
}

/** The letters that fit, oldest first, read in batches: there may be very many. */
export async function* readLetters(
  keyspace: Keyspace,
  keys: BusKeys,
  filter: LetterFilter = {},
): AsyncGenerator<DeadLetter, void, void> {
  let from = filter.since ? String(filter.since.getTime()) : '-'
  for (;;) {
    const entries = await keyspace.entries(keys.dead, from, BATCH)
    for (const entry of entries) {
      const letter = parseLetter(entry)
      if (filter.until && letter.lastFailure > filter.until) return
      if (fits(letter, filter)) yield letter
    }
    const last = entries.at(-1)
    if (!last || entries.length < BATCH) return
    from = after(last.id)
  }
}

function fits(letter: DeadLetter, { ids, taskId, function: name, error, since }: LetterFilter): boolean {
  const wanted = error?.toLowerCase()
  return (
    (ids === undefined || ids.includes(letter.id)) &&
    (taskId === undefined || letter.taskId === taskId) &&
    (name === undefined || letter.function === name) &&
    (wanted === undefined || letter.errors.some((message) => message.toLowerCase().includes(wanted))) &&
    (since === undefined || letter.lastFailure >= since)
  )
}

const Errors = v.array(v.string())

/** What is missing or garbled is told as far as it can be: a letter that cannot be read whole must still be listed, and go. */
function parseLetter({ id: entryId, fields }: StreamEntry): DeadLetter {
  const raw = fields['e'] ?? ''
  const addedMs = Number(entryId.split('-')[0])
  const lastMs = numberOr(fields['last'], addedMs)
  return {
    id: fields['letter'] || entryId,
    entryId,
    function: fields['function'] ?? '',
    eventType: fields['type'] ?? '',
    taskId: fields['task'] || undefined,
    traceId: fields['trace'] || undefined,
    attempts: numberOr(fields['attempts'], 0),
    deliveries: numberOr(fields['deliveries'], 0),
    firstFailure: new Date(numberOr(fields['first'], lastMs)),
    lastFailure: new Date(lastMs),
    errors: errorsOf(fields['error'] ?? ''),
    cause: fields['cause'] || undefined,
    event: eventOf(raw),
    raw,
  }
}

/** Whole and within what a date can be. */
function numberOr(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : otherwise
}

function errorsOf(json: string): string[] {
  try {
    return v.parse(Errors, JSON.parse(json))
  } catch {
    return [json]
  }
}

function eventOf(raw: string): BusEvent | undefined {
  try {
    return parseEvent(raw)
  } catch {
    return undefined
  }
}

/** The smallest stream id above `id`. */
function after(id: string): string {
  const [ms = '0', sequence = '0'] = id.split('-')
  return `${ms}-${Number(sequence) + 1}`
}
