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

/** What follows the prefix in each key's name. The scripts, which make some of the keys themselves, read it here too. */
export const KEY = {
  inbox: ':in:',
  record: ':scan:',
  delayed: ':delayed',
  delayedBodies: ':delayed:body',
  dead: ':dead',
  openLetters: ':dead:open',
  lettersOf: ':dead:cause:',
  lettersBeyond: ':dead:beyond:',
  audit: ':dead:audit',
  log: ':log',
  replies: ':reply:',
  hosting: ':hosting:',
  seen: ':seen:',
  acting: ':acting:',
  counts: ':counts',
  /** Hash of what the settle script counts for those who look into a system by hand. */
  counters: ':counters',
} as const

/** `name` distinguishes systems that share one Redis. */
export function busKeys(name: string): BusKeys {
  const prefix = `{${name}}`
  return {
    prefix,
    inbox: (functionName) => `${prefix}${KEY.inbox}${functionName}`,
    record: (subject) => `${prefix}${KEY.record}${subject}`,
    delayed: `${prefix}${KEY.delayed}`,
    delayedBodies: `${prefix}${KEY.delayedBodies}`,
    dead: `${prefix}${KEY.dead}`,
    openLetters: `${prefix}${KEY.openLetters}`,
    lettersOf: (cause) => `${prefix}${KEY.lettersOf}${cause}`,
    lettersBeyond: (cause) => `${prefix}${KEY.lettersBeyond}${cause}`,
    audit: `${prefix}${KEY.audit}`,
    log: `${prefix}${KEY.log}`,
    replies: (gateway) => `${prefix}${KEY.replies}${gateway}`,
    hosting: (functionName) => `${prefix}${KEY.hosting}${functionName}`,
    seen: (eventId, functionName) => `${prefix}${KEY.seen}${letterId(eventId, functionName)}`,
    acting: (eventId, functionName) => `${prefix}${KEY.acting}${letterId(eventId, functionName)}`,
    counts: `${prefix}${KEY.counts}`,
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
