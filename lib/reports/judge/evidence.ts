/** What a report says about how its hosts were looked at, collected while it is parsed. What is collected is in {@link LOGIN_PLUGINS}. */

import { defined } from '../../base/defined.ts'
import { booleanOf } from '../values.ts'

const SAID_CHARS_MAX = 6000
const PER_HOST_MAX = 64

export interface Evidence {
  readonly pluginId: number
  readonly port: number
  readonly service: string
  /** The beginning of the plugin's output; untrusted. */
  readonly said: string
}

/** What HostProperties say of the login. */
export interface LoginTags {
  /** `Credentialed_Scan`, else which of the two `Last…Results` there is. */
  readonly localChecks?: boolean
  /** `local-checks-proto`: how local checks were made. */
  readonly protocol?: string
  /** `ssh-login-used` or `smb-login-used`. */
  readonly user?: string
}

export interface HostEvidence {
  readonly host: string
  readonly tags?: LoginTags
  readonly evidence: readonly Evidence[]
}

export interface EvidenceCollector {
  add(evidence: Evidence): void
  take(host: string, tags: LoginTags): HostEvidence
}

export function makeEvidenceCollector(): EvidenceCollector {
  let list: Evidence[] = []
  return {
    add(evidence) {
      if (list.length >= PER_HOST_MAX) return
      list.push({ ...evidence, said: Buffer.from(evidence.said.slice(0, SAID_CHARS_MAX)).toString() })
    },
    take(host, tags) {
      const evidence = list
      list = []
      return { host, tags, evidence }
    },
  }
}

/** Reads the tags of the login out of a host's properties. */
export function loginTags(tag: (name: string) => string | undefined): LoginTags {
  const told = booleanOf(tag('Credentialed_Scan') ?? '')
  const authenticated = tag('LastAuthenticatedResults') !== undefined
  const unauthenticated = tag('LastUnauthenticatedResults') !== undefined
  const localChecks = told ?? (authenticated === unauthenticated ? undefined : authenticated)
  const protocol = tag('local-checks-proto')
  const user = tag('ssh-login-used') ?? tag('smb-login-used')
  return {
    ...defined({ localChecks, protocol, user }),
  }
}
