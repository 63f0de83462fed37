/** The names of the bus's own keys. All carry one hash tag, so that scripts work on Redis Cluster and managed services. */
export interface BusKeys {
  readonly prefix: string
  /** Stream of one function's events. */
  inbox(functionName: string): string
  /** Hash of what an event is about, by its subject: read along with the event. */
  record(subject: string): string
  /** Sorted set of delayed events by due time (ms), and their bodies. */
  readonly delayed: string
  readonly delayedBodies: string
  /** Stream of dead letters. */
  readonly dead: string
  /** Hash of the dead letters that are open, by {@link letterId}: what makes replaying one twice do it once. */
  readonly openLetters: string
  /** Set of the open letters of one cause: there are only so many of each. */
  lettersOf(cause: string): string
  /** Hash of how many more were given up for that cause, and not kept. */
  lettersBeyond(cause: string): string
  /** Bounded stream of what operators did with dead letters. */
  readonly audit: string
  /** Bounded public stream of what happened. */
  readonly log: string
  /** Stream on which one gateway hears the answers to its calls. */
  replies(gateway: string): string
  /** Sorted set of the workers that host a function, by when they last said so (ms). */
  hosting(functionName: string): string
  /** Marks an event as published to a function, so that publishing it again does nothing. */
  seen(eventId: string, functionName: string): string
  /** The entry that acts for an event, where an inbox may hold it twice; for a lease's time. */
  acting(eventId: string, functionName: string): string
  /** Hash of counts that outlive processes, by {@link COUNTS}. */
  readonly counts: string
}

/** `name` distinguishes systems that share one Redis. */
export function busKeys(name: string): BusKeys {
  const prefix = `{${name}}`
  return {
    prefix,
    inbox: (functionName) => `${prefix}:in:${functionName}`,
    record: (subject) => `${prefix}:scan:${subject}`,
    delayed: `${prefix}:delayed`,
    delayedBodies: `${prefix}:delayed:body`,
    dead: `${prefix}:dead`,
    openLetters: `${prefix}:dead:open`,
    lettersOf: (cause) => `${prefix}:dead:cause:${cause}`,
    lettersBeyond: (cause) => `${prefix}:dead:beyond:${cause}`,
    audit: `${prefix}:dead:audit`,
    log: `${prefix}:log`,
    replies: (gateway) => `${prefix}:reply:${gateway}`,
    hosting: (functionName) => `${prefix}:hosting:${functionName}`,
    seen: (eventId, functionName) => `${prefix}:seen:${eventId}@${functionName}`,
    acting: (eventId, functionName) => `${prefix}:acting:${eventId}@${functionName}`,
    counts: `${prefix}:counts`,
  }
}

/** What is counted in Redis, because whoever does it may be a command that ends before it is scraped. */
export const COUNTS = { replays: 'replays', ageDeletions: 'age-deletions' } as const

/** The one consumer group of every inbox. */
export const GROUP = 'workers'

/** Names a dead letter: an event is dead for one function at a time. */
export function letterId(eventId: string, functionName: string): string {
  return `${eventId}@${functionName}`
}
