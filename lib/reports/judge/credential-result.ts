/** What can be told of a credential by itself, under the names that tool results use. */
import * as v from 'valibot'

/** The worst first. `lacked_rights` and `at_times` are logins that worked, and not for everything. */
export const CREDENTIAL_RESULTS = ['refused', 'no_connection', 'at_times', 'lacked_rights', 'worked'] as const
const Result = v.picklist(CREDENTIAL_RESULTS)
export type CredentialResult = v.InferOutput<typeof Result>

const common = {
  /** `SSH`, `SMB`, `LOCAL` …; empty where the report does not say. */
  protocol: v.string(),
  /** As whom; null where the report does not say. */
  account: v.nullable(v.string()),
  result: Result,
}

/** Of one host. */
export const CredentialVerdict = v.object({
  ...common,
  /** Where the report says it. */
  port: v.nullable(v.number()),
  method: v.nullable(v.string()),
  escalation: v.nullable(v.string()),
  /** The plugin that says so. */
  plugin_id: v.number(),
})
export type CredentialVerdict = v.InferOutput<typeof CredentialVerdict>

/** Over all hosts of a report. */
export const CredentialTally = v.object({ ...common, hosts: v.number() })
export type CredentialTally = v.InferOutput<typeof CredentialTally>
