/** What a function is given beside its event's data: the services, the fresh record, and the permit for what cannot be undone. */
import type { Delivery } from '../bus/bus.ts'
import type { BusEvent } from '../bus/event.ts'
import { parseScan } from '../scans/record.ts'
import type { Context } from './function.ts'
import type { Runner } from './runner.ts'

/** Another run acts for this event. */
export class SeenToElsewhere extends Error {}

/** The scan is no longer what the function read. */
export class Overtaken extends Error {}

/** Reads the record anew unless `record` is given. */
export async function contextFor(
  delivery: Delivery,
  event: BusEvent,
  { services, bus, stopping }: Runner,
  record: Delivery['record'],
): Promise<Context> {
  const read = () => (event.subject === undefined ? undefined : services.scans.get(event.subject))
  const scan = record ? parseScan(record) : await read()
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
