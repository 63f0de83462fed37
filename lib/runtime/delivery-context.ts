/** What a function is given beside its event's data: the services, the fresh record, and the permit for what cannot be undone. */
import type { Delivery } from '../bus/bus.ts'
import type { BusEvent } from '../bus/event.ts'
import { parseRecord } from '../scans/read-record.ts'
import type { AnyFunction, Context } from './function.ts'
import type { Runner } from './runner.ts'

/** Another run acts for this event. */
export class SeenToElsewhere extends Error {}

/** The scan is no longer what the function read. */
export class Overtaken extends Error {}

/**
 * Reads the record anew unless `record` is given; only for the steps of a scan. Whatever else an event about a scan leads to,
 * such as admission, serves other scans too, and must not fail with a record that cannot be read.
 */
export async function contextFor(
  delivery: Delivery,
  event: BusEvent,
  { services, bus, stopping, kind }: Runner & Pick<AnyFunction, 'kind'>,
  record: Delivery['record'],
): Promise<Context> {
  const subject = kind === 'scan' ? event.subject : undefined
  const read = () => (subject === undefined ? undefined : services.scans.get(subject))
  const scan = record && subject !== undefined ? parseRecord(subject, record) : await read()
  let signal: AbortSignal | undefined
  return {
    ...services,
    event: {
      id: event.id,
      type: event.type,
      time: event.time,
      subject: event.subject,
      traceparent: event.traceparent,
    },
    attempt: delivery.attempt,
    scan,
    now: bus.now(),
    confirm: async () => {
      const permit = await bus.renew(delivery)
      if (!permit) throw new SeenToElsewhere('another worker has taken this event over, or sees to its double')
      const current = scan && (await services.scans.get(scan.task_id))
      if (current?.revision !== scan?.revision) throw new Overtaken('the scan has changed meanwhile')
      return permit
    },
    // Made when asked for: joining signals costs as much as settling.
    get signal() {
      return (signal ??= AbortSignal.any([delivery.signal, stopping]))
    },
  }
}
