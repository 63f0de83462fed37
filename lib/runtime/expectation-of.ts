import type { Expectation } from '../reports/judge/report-facts.ts'
import type { Scan } from '../scans/record.ts'

const CREDENTIALS_ASKED = {
  untrusted: 'none',
  authenticated: 'authenticated',
  authenticated_privileged: 'privileged',
} as const

/** What the report of a scan, with this digest, is judged by. */
export function expectationOf(scan: Scan, sha256: string): Expectation {
  return {
    sha256,
    scanStatus: scan.scan_outcome ?? 'completed',
    ...(scan.made_there?.simulated ? { simulated: true } : {}),
    // What is imported or adopted was asked for elsewhere: nothing is known of targets and credentials.
    ...(scan.origin === 'created'
      ? {
          targets: { count: scan.targets.count, list: scan.targets.hosts },
          credentialsAsked: CREDENTIALS_ASKED[scan.scan_type],
        }
      : {}),
  }
}
