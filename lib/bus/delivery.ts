import type { Delivery } from './bus.ts'
import { parseEvent, type BusEvent } from './event.ts'

/** A stream entry as it came off the wire. */
interface Entry {
  readonly entryId: string
  readonly fields: Readonly<Record<string, string | undefined>>
  readonly record?: Delivery['record']
}

/** Reads a delivery off the wire. What is not an envelope is kept as it came, so that it can be dead-lettered and shown. */
export function toDelivery(name: string, entry: Entry, deliveries: number, lease: AbortController): Delivery {
  const { entryId, fields, record } = entry
  const raw = fields['e'] ?? ''
  let event: BusEvent | undefined
  try {
    event = parseEvent(raw)
  } catch {
    event = undefined
  }
  return {
    function: name,
    entryId,
    deliveries,
    attempt: wholeNumber(fields['a']) ?? 1,
    firstFailureAt: wholeNumber(fields['f']),
    event,
    raw,
    record,
    // Made when first asked for: most deliveries end before anyone asks.
    get signal() {
      return lease.signal
    },
  }
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
