/** What a report says about how its hosts were looked at, collected while it is parsed. */

/** The plugins that tell how the login went, or that a host was not there. */
export const EVIDENCE_PLUGINS: ReadonlyMap<number, string> = new Map([
  [19506, 'Nessus Scan Information'],
  [141118, 'Valid Credentials Provided'],
  [104410, 'Failure for Provided Credentials'],
  [110385, 'Insufficient Privilege'],
  [110723, 'No Credentials Provided'],
  [110095, 'No Issues Found'],
  [110695, 'Checks Not Supported'],
  [117885, 'Intermittent Authentication Failure'],
  [117886, 'OS Security Patch Assessment Not Available'],
  [117887, 'OS Security Patch Assessment Available'],
  [21745, 'OS Security Patch Assessment Failed'],
  [97993, 'OS Identification and Installed Software Enumeration over SSH'],
  [12634, 'OS Name and Installed Package Enumeration'],
  [102094, 'SSH Commands Require Privilege Escalation'],
  [24786, 'Windows Scan Not Performed with Admin Privileges'],
  [10428, 'SMB Registry Not Fully Accessible'],
  [26917, 'SMB Registry: Cannot Access the Windows Registry'],
  [122502, 'Integration Credential Status: Valid'],
  [10180, 'Ping the remote host'],
])

const SAID_CHARS_MAX = 6000
const PER_HOST_MAX = 64

export interface Evidence {
  readonly pluginId: number
  readonly port: number
  readonly service: string
  /** The beginning of the plugin's output; untrusted. */
  readonly said: string
}

export interface HostEvidence {
  readonly host: string
  readonly credentialedTag?: boolean
  readonly evidence: readonly Evidence[]
}

export interface EvidenceCollector {
  add(evidence: Evidence): void
  take(host: string, credentialedTag: boolean | undefined): HostEvidence
}

export function makeEvidenceCollector(): EvidenceCollector {
  let list: Evidence[] = []
  return {
    add(evidence) {
      if (list.length >= PER_HOST_MAX) return
      list.push({ ...evidence, said: Buffer.from(evidence.said.slice(0, SAID_CHARS_MAX)).toString() })
    },
    take(host, credentialedTag) {
      const evidence = list
      list = []
      return credentialedTag === undefined ? { host, evidence } : { host, credentialedTag, evidence }
    },
  }
}
