/** What went wrong with a command, and what helps: another try, another connection, or neither. */
import { ErrorReply } from 'redis'
import { PermanentError } from '../../../base/errors.ts'

/** The server cannot serve just now, or serves elsewhere. */
const PASSING =
  /^(LOADING|READONLY|MASTERDOWN|BUSY|TRYAGAIN|CLUSTERDOWN|NOREPLICAS|OOM|MISCONF|MOVED|ASK|UNBLOCKED force\b.*state changed)\b/

/** The server is no longer the one that takes writes: connecting again finds the one that does. */
const ELSEWHERE = /^(READONLY|MOVED|CLUSTERDOWN|UNBLOCKED force\b.*state changed)\b/

/** An answer from the server, as against a broken link. */
export function isReply(error: unknown): error is ErrorReply {
  return error instanceof ErrorReply
}

/** Whether to try again: the link broke, or the server says that it cannot serve just now. */
export function isPassing(error: unknown): boolean {
  if (!isReply(error)) return !isMistake(error)
  return PASSING.test(error.message)
}

/** Whether the connection is of no use any more. */
export function isSpent(error: unknown): boolean {
  if (isReply(error)) return ELSEWHERE.test(error.message)
  return !isQueueFull(error) && !isMistake(error)
}

export function isOutOfMemory(error: unknown): boolean {
  return isReply(error) && error.message.startsWith('OOM ')
}

/** Too many calls are under way; the link itself is sound, and those who wait on it must not pay. */
function isQueueFull(error: unknown): boolean {
  return error instanceof Error && error.message === 'The queue is full'
}

/** A mistake of ours or of the settings, which a new connection cannot mend. */
function isMistake(error: unknown): boolean {
  if (error instanceof PermanentError) return true
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError
}
