/** Following streams: what is said to everyone, or to one gateway, rather than to one worker of many. */

export interface Followed {
  readonly key: string
  /** `now` leaves out what was there before the following began. */
  readonly from: 'beginning' | 'now'
  /** One that throws is logged, and does not keep others from hearing. */
  readonly hear: (fields: Readonly<Record<string, string>>, id: string) => void
  /** Nobody else reads it: what was heard is dropped, now and then. */
  readonly drop?: boolean
}

export interface Follower {
  /** Resolves once it knows where it starts: from then on nothing is missed. Rejects when the server does not answer for some seconds. */
  readonly ready: Promise<void>
  close(): void
}
