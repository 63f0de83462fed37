import type { Scan } from '../../scans/record.ts'
import type { Status } from '../../scans/states.ts'

/** How a scan ends whose report was read. A run that its scanner aborted is no success, though what it found can be read. */
export function endOf(scan: Scan): { status: Status; failure?: Scan['failure'] } {
  if (scan.stopping) return { status: scan.stopping.as }
  if (scan.scan_outcome !== 'aborted') return { status: 'completed' }
  return {
    status: 'failed',
    failure: {
      step: 'poll',
      message: 'the scanner aborted the scan; what it had found until then can be read with get_scan_results',
      remedy: 'Look at the scanner for the reason (licence limit, restart, lost network), then start the scan again.',
    },
  }
}
