import type { BusKeys } from '../../bus/keys.ts'
import type { Scan } from '../../scans/record.ts'
import { replayObstacle, type ObstacleSources } from './replay-obstacle.ts'

export interface RemedySources extends ObstacleSources {
  readonly busKeys: BusKeys
}

/**
 * What to do about a scan's failure, by what is possible at this moment: a replay is named only while there is a letter that
 * can be replayed. `undefined` for a scan without a failure.
 */
export async function remedyNow(scan: Scan, sources: RemedySources): Promise<string | undefined> {
  const { failure } = scan
  if (!failure) return undefined
  const otherwise = failure.otherwise ?? failure.remedy
  const letter = failure.dead_letter
  // What was stopped, or timed out, is not replayed, whatever failed after that.
  if (letter === undefined || (scan.status !== 'failed' && scan.status !== 'running')) return otherwise
  const diedAt = await sources.keyspace.field(sources.busKeys.openLetters, letter)
  if (diedAt === undefined) return otherwise
  return (await replayObstacle(diedAt, scan, sources))?.owner ?? failure.remedy
}
