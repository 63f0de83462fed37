/**
 * The envelope of everything on the bus: a CloudEvents 1.0 JSON event, never
 * changed once made. What changes (the attempt) travels beside it.
 *
 * An emitted event's id derives from its parent's id, its position and its
 * subject, so a function that runs twice emits the same ids, unless it decided
 * about another scan the second time.
 */
import { defined } from '../base/defined.ts'
import { hash } from 'node:crypto'
import * as v from 'valibot'
import { check } from '../base/check.ts'

const EventSchema = v.object({
  specversion: v.literal('1.0'),
  id: v.pipe(v.string(), v.nonEmpty()),
  type: v.pipe(v.string(), v.nonEmpty()),
  source: v.string(),
  /** The task id of the scan it is about. */
  subject: v.optional(v.string()),
  /** ISO 8601, by Redis's clock. */
  time: v.string(),
  /** W3C trace context: one trace per tool call, through every step of the scan it asked for. */
  traceparent: v.optional(v.string()),
  /** Id of the event whose handling emitted this one. */
  causationid: v.optional(v.string()),
  /** ISO 8601: nobody waits for the answer to a tool call any more. */
  expirytime: v.optional(v.string()),
  /** The gateway that waits for the answer to a tool call. */
  replyto: v.optional(v.string()),
  data: v.unknown(),
})
export type BusEvent = v.InferOutput<typeof EventSchema>

/** Reads an envelope off the wire; throws PermanentError when it is not one. */
export function parseEvent(json: string): BusEvent {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    throw new SyntaxError(`expected a CloudEvents envelope as JSON, got ${JSON.stringify(json.slice(0, 80))}`, {
      cause,
    })
  }
  return check(EventSchema, value, 'event envelope')
}

/** What an emitter says of a new event; the rest follows from its parent. */
export interface Draft {
  readonly type: string
  /** Absent: that of its parent; `null`: none. */
  readonly subject?: string | null | undefined
  readonly data: unknown
}

/** An event that no other one led to, in its envelope. */
export function newEvent({ now, ...event }: Omit<BusEvent, 'specversion' | 'time'> & { readonly now: Date }): BusEvent {
  return { specversion: '1.0', time: now.toISOString(), ...event }
}

/** Makes the event that handling `parent` emits at `position`. `source` names the emitting function; `trace` is that of the scan it is about, where that is another than its parent's. */
export function childEvent(
  parent: BusEvent,
  position: number,
  draft: Draft,
  from: { source: string; now: Date; trace?: string | undefined },
): BusEvent {
  const subject = draft.subject === undefined ? parent.subject : (draft.subject ?? undefined)
  const digest = hash('sha256', `${parent.id}|${position}|${draft.type}|${subject ?? ''}`, 'base64url')
  return {
    specversion: '1.0',
    id: eventId(digest.slice(0, 22)),
    type: draft.type,
    source: from.source,
    ...defined({ subject }),
    time: from.now.toISOString(),
    ...(parent.traceparent === undefined ? {} : { traceparent: childTrace(parent.traceparent, from.trace, digest) }),
    causationid: parent.id,
    data: draft.data,
  }
}

/** `text` as an event's id: it never begins with a dash, which command lines take for an option. */
export function eventId(text: string): string {
  return text.replace(/^-/, '0')
}

/** The same trace (or the other one), a new span: `00-<trace id>-<span id>-<flags>`. */
function childTrace(traceparent: string, other: string | undefined, digest: string): string {
  const [version, trace, , flags] = traceparent.split('-')
  const span = Buffer.from(digest, 'base64url').toString('hex', 0, 8)
  return [version, other ?? trace, span, flags].join('-')
}

/** The trace id within a traceparent: 32 hex digits. */
export function traceId(traceparent: string | undefined): string | undefined {
  return traceparent?.split('-')[1]
}
