import { defined } from '../base/defined.ts'
import type { Expectation } from '../reports/judge/report-facts.ts'
import type { Scan } from '../scans/record.ts'

const CREDENTIALS_ASKED = {
  untrusted: 'none',
  authenticated: 'authenticated',
  authenticated_privileged: 'privileged',
} as const

/** A run that we stopped ended as its scan does, whatever the scanner calls that. One that had ended by itself before is whole. */
function runEnd({ scan_outcome: outcome = 'completed', stopping }: Scan): Expectation['scanStatus'] {
  return outcome === 'canceled' && stopping ? stopping.as : outcome
}

/** What the licence of its scanner covered as the scan was made, where that was told. */
function licenceOf({ made_there: made }: Scan): Expectation['licence'] {
  if (made?.licensed_hosts === undefined) return undefined
  return { hosts: made.licensed_hosts, ...defined({ used: made.licensed_hosts_used }) }
}

/** What the report of a scan, with this digest, is judged by. */
export function expectationOf(scan: Scan, sha256: string): Expectation {
  return {
    sha256,
    scanStatus: runEnd(scan),
    ...(scan.made_there?.simulated ? { simulated: true } : {}),
    ...defined({ scannerNotes: scan.scanner_notes }),
    // What is imported or adopted was asked for elsewhere: nothing is known of targets and credentials.
    ...(scan.origin === 'created'
      ? {
          targets: { count: scan.targets.count, list: scan.targets.hosts },
          credentialsAsked: CREDENTIALS_ASKED[scan.scan_type],
          ...defined({ licence: licenceOf(scan) }),
        }
      : {}),
  }
}
