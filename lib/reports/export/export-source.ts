/** What a format is written from: the findings in batches, what they are counted as, and what is known of their scan. */
import type { Line } from '../query/finding-view.ts'
import type { MatchCounts } from '../query/results.ts'

export interface ExportSource {
  readonly taskId: string
  readonly scanName: string
  /** The scan's own dates. */
  readonly startedAt: string | null
  readonly endedAt: string | null
  /** Of Nessus, where the report tells it. */
  readonly scannerVersion: string | undefined
  /** Names of the fields that a line may have, in order. */
  readonly fields: readonly string[]
  /** Before anything is written: formats that hold a part only say so. */
  readonly counts: MatchCounts
  /** What could not be seen, and what is doubtful. */
  readonly warnings: readonly string[]
  /** To be read once. */
  readonly lines: () => AsyncGenerator<readonly Line[], void, void>
}

export interface ExportWriter {
  /** Which fields it wants of each finding: those that were asked for, or all, of which it takes its own. */
  readonly fields: 'asked' | 'all'
  /** The order that it needs. */
  readonly sort?: readonly string[]
  /** Throws a Refusal, before anything is written, when the format cannot hold it. */
  readonly check?: (source: ExportSource) => void
  readonly write: (source: ExportSource) => AsyncGenerator<string | Uint8Array, void, void>
}
