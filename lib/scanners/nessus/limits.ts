/** What a scanner may cost us: time, memory and sockets, per client. */
export interface ClientLimits {
  /** Name lookup, TCP and TLS together. */
  readonly connectMs: number
  /** Without a byte in either direction. */
  readonly idleMs: number
  /** A whole request with its answer, waiting for its turn included; downloads have only the idle limit. */
  readonly totalMs: number
  readonly answerBytesMax: number
  /** Requests at a time; more wait. Downloads count only until their first byte. */
  readonly requestsMax: number
  readonly templatesKeptMs: number
  /** After a rejected login; four times longer after each further one: see access.ts. */
  readonly loginCoolDownMs: number
}

export const CLIENT_LIMITS: ClientLimits = {
  connectMs: 10_000,
  idleMs: 60_000,
  totalMs: 120_000,
  answerBytesMax: 64 * 1024 * 1024,
  requestsMax: 8,
  templatesKeptMs: 10 * 60_000,
  loginCoolDownMs: 15 * 60_000,
}
