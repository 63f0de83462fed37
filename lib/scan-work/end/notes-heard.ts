import type { ScanState } from '../../scanners/scan-state.ts'
import type { ScanPatch } from '../../scans/change.ts'

/** What a look at a run adds to the record of what the scanner notes of it. A look that tells none takes none away. */
export function notesHeard({ notes }: Pick<ScanState, 'notes'>): ScanPatch {
  return notes ? { scanner_notes: { count: notes.count, said: [...notes.said] } } : {}
}
