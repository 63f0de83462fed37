/** What Redis knows of the system at one moment, as the metrics show it. Read once per scrape. */
export interface StateSnapshot {
  readonly activeScans: number
  readonly deadLetters: number
  /** 0 when there is none. */
  readonly oldestDeadLetterSeconds: number
  readonly delayedEvents: number
  /** Dead letters put back to work, and scans removed by age, since the beginning. */
  readonly replays: number
  readonly ageDeletions: number
  /** Of its `maxmemory`; absent when Redis has none. */
  readonly redisMemoryShare?: number | undefined
  /** Absent where nobody serves MCP. */
  readonly mcpSessions?: number
  readonly queues: readonly { readonly pool: string; readonly depth: number }[]
  readonly inboxes: readonly {
    readonly function: string
    readonly depth: number
    /** 0 when the inbox is empty. */
    readonly oldestAgeSeconds: number
    /** Live workers that host the function. */
    readonly workers: number
  }[]
  readonly scanners: readonly {
    /** `pool/instance`. */
    readonly key: string
    readonly type: string
    readonly enabled: boolean
    readonly slotsUsed: number
    readonly slotsMax: number
    /** Absent when nobody has asked the scanner yet. */
    readonly reachable?: boolean
  }[]
}
