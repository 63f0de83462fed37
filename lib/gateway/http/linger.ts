/**
 * Lets a caller who found no place wait a moment for hearing so: one who tries
 * again at once, whatever it is told, would otherwise keep the gateway busy with
 * refusals alone. Where many wait, each waits longer, and not all until the same
 * moment. Only so many wait at a time, and none whose connection is gone.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { GatewayEnv } from './environment.ts'

const LINGER_MS = 1000
const LINGER_MS_MAX = 9000
/** So many are few. */
const FEW = 50
/** The golden ratio: its multiples lie evenly between whole numbers, however many there are. */
const SPREAD = 0.618_033_988_749_895
const LINGER_MAX = 10_000

export type Linger = (outgoing: GatewayEnv['Bindings']['outgoing'] | undefined) => Promise<void>

export function makeLinger({ wait = waitFor } = {}): Linger {
  let lingering = 0
  let drawn = 0
  return async (outgoing) => {
    if (lingering >= LINGER_MAX || outgoing?.destroyed) return
    const left = new AbortController()
    outgoing?.once('close', () => left.abort())
    lingering++
    if (lingering > FEW) drawn = (drawn + SPREAD) % 1
    await wait(lingering <= FEW ? LINGER_MS : LINGER_MS + drawn * (LINGER_MS_MAX - LINGER_MS), left.signal)
    lingering--
  }
}

/** Ends early with the signal. */
const waitFor = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { ref: false, signal }).catch(() => {})
