import type { Delivery } from './bus.ts'
import { parseEvent, type BusEvent } from './event.ts'

/** Reads a delivery off the wire. What is not an envelope is kept as it came, so that it can be dead-lettered and shown. */
export function toDelivery(
  name: string,
  entryId: string,
  deliveries: number,
  fields: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Delivery {
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
    signal,
  }
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
